import { type GoogleClients, httpStatus } from './google';

/** Moves secret values into Secret Manager. Terraform makes the secrets, empty; values pass through here alone. */
export class SecretStore {
  constructor(
    private readonly clients: Pick<GoogleClients, 'secrets'>,
    private readonly project: string,
  ) {}

  /**
   * Adds a version with this value.
   *
   * @throws when the secret does not exist yet: its layer has to be deployed first.
   */
  async set(name: string, value: string): Promise<void> {
    if (value === '') throw new Error(`secret ${name}: the value is empty; give it on standard input`);
    try {
      await this.clients.secrets.projects.secrets.addVersion({
        parent: `projects/${this.project}/secrets/${name}`,
        requestBody: { payload: { data: Buffer.from(value).toString('base64') } },
      });
    } catch (error) {
      if (httpStatus(error) !== 404) throw error;
      throw new Error(
        `secret ${name} does not exist in project ${this.project}; deploy layer 00-vpc first, it makes the secrets`,
      );
    }
  }

  /** Which of these secrets hold a value, in the order given. Values are not read. */
  async list(names: readonly string[]): Promise<{ name: string; state: 'set' | 'empty' | 'missing' }[]> {
    return Promise.all(names.map(async (name) => ({ name, state: await this.state(name) })));
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
