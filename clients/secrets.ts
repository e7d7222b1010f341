import { UsageError } from '../errors';
import type { Platform } from '../platforms/schema/define-platform';
import { projectOf } from '../platforms/schema/environment';
import { labelsOfSecrets } from '../platforms/schema/secrets';
import { type GoogleClients, httpStatus } from './google';

/** Where an environment's secrets are kept. */
export function secretStoreOf(clients: Pick<GoogleClients, 'secrets'>, platform: Platform, env: string): SecretStore {
  return new SecretStore(clients, projectOf(platform, env), labelsOfSecrets(platform, env));
}

/** Moves secret values into Secret Manager, in secrets that a layer or this has made. Values pass through here alone. */
export class SecretStore {
  /** @param labels - of a secret that is missing and is made here. @default - layer 00-vpc makes them all */
  constructor(
    private readonly clients: Pick<GoogleClients, 'secrets'>,
    private readonly project: string,
    private readonly labels?: Record<string, string>,
  ) {}

  /**
   * Adds a version with this value, to a secret that is made where no layer makes it.
   *
   * @throws when the value is empty, or the secret does not exist yet and its layer has to be deployed first.
   */
  async set(name: string, value: string): Promise<void> {
    assertValue(name, value);
    try {
      await this.add(name, value);
    } catch (error) {
      if (httpStatus(error) !== 404) throw error;
      if (!this.labels) throw this.missing(name);
      await this.make(name, this.labels);
      await this.add(name, value);
    }
  }

  /** What `set` would do, without doing it. @throws as `set` does. */
  async preview(name: string, value: string): Promise<string> {
    assertValue(name, value);
    const isMissing = (await this.state(name)) === 'missing';
    if (isMissing && !this.labels) throw this.missing(name);
    return `would ${isMissing ? `make secret ${name} in project ${this.project} and ` : ''}add a version of ${value.length} characters to ${name}`;
  }

  /** Which of these secrets hold a value, in the order given. Values are not read. */
  async list(names: readonly string[]): Promise<{ name: string; state: 'set' | 'empty' | 'missing' }[]> {
    return Promise.all(names.map(async (name) => ({ name, state: await this.state(name) })));
  }

  private async add(name: string, value: string): Promise<void> {
    await this.clients.secrets.projects.secrets.addVersion({
      parent: `projects/${this.project}/secrets/${name}`,
      requestBody: { payload: { data: Buffer.from(value).toString('base64') } },
    });
  }

  private async make(name: string, labels: Record<string, string>): Promise<void> {
    try {
      await this.clients.secrets.projects.secrets.create({
        parent: `projects/${this.project}`,
        secretId: name,
        requestBody: { replication: { automatic: {} }, labels },
      });
    } catch (error) {
      // Somebody else was faster.
      if (httpStatus(error) !== 409) throw error;
    }
  }

  private missing(name: string): Error {
    return new Error(
      `secret ${name} does not exist in project ${this.project}; deploy layer 00-vpc first, it makes the secrets`,
    );
  }

  private async state(name: string): Promise<'set' | 'empty' | 'missing'> {
    try {
      const parent = `projects/${this.project}/secrets/${name}`;
      const { data } = await this.clients.secrets.projects.secrets.versions.list({ parent, filter: 'state:ENABLED' });
      return data.versions?.length ? 'set' : 'empty';
    } catch (error) {
      if (httpStatus(error) === 404) return 'missing';
      throw error;
    }
  }
}

/** @throws {UsageError} when the value is empty. */
function assertValue(name: string, value: string): void {
  if (value !== '') return;
  throw new UsageError(`secret ${name}: the value is empty; give it on standard input`);
}
