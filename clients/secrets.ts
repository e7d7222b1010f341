import { UsageError } from '../errors';
import type { Platform } from '../platforms/schema/define-platform';
import { projectOf } from '../platforms/schema/environment';
import { labelsOfSecrets } from '../platforms/schema/secrets';
import { type GoogleClients, httpStatus } from './google';

/** Where an environment's secrets are kept. */
export function secretStoreOf(clients: Pick<GoogleClients, 'secrets'>, platform: Platform, env: string): SecretStore {
  return new SecretStore(clients, projectOf(platform), labelsOfSecrets(platform, env));
}

/** Sets values of secrets in Secret Manager, and creates secrets that no layer creates. All values pass through this class. */
export class SecretStore {
  /** @param labels - of secrets that this class creates. @default - none: layer 00-vpc creates them all */
  constructor(
    private readonly clients: Pick<GoogleClients, 'secrets'>,
    private readonly project: string,
    private readonly labels?: Record<string, string>,
  ) {}

  /**
   * Adds a version with a value, and first creates the secret if no layer does.
   *
   * @throws if the value is empty, or if the secret does not exist because its layer is not deployed.
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

  /** Describes what `set` would do. @throws like `set`. */
  async preview(name: string, value: string): Promise<string> {
    assertValue(name, value);
    const isMissing = (await this.state(name)) === 'missing';
    if (isMissing && !this.labels) throw this.missing(name);
    return `would ${isMissing ? `create secret ${name} in project ${this.project} and ` : ''}add a version of ${value.length} characters to ${name}`;
  }

  /** The state of secrets, in the given order. Values are not read. */
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
      // Another client has created it meanwhile.
      if (httpStatus(error) !== 409) throw error;
    }
  }

  private missing(name: string): Error {
    return new Error(`secret ${name} does not exist in project ${this.project}; deploy layer 00-vpc, which creates it`);
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
  throw new UsageError(`secret ${name}: the value is empty; pass it on standard input`);
}
