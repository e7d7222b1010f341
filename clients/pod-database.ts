import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { FailedError } from '../errors';
import { type ClusterPlace, clusterFlags } from './kubectl';

/** A PostgreSQL server whose programs are run in its pod, over its socket, as its superuser. */
export class PodDatabase {
  /**
   * @param cluster - how kubectl reaches it.
   * @param namespace - of the pod.
   * @param pod - such as `postgres-0`; its variable `POSTGRES_USER` names the superuser. @default - `postgres`
   */
  constructor(
    private readonly cluster: ClusterPlace,
    private readonly namespace: string,
    private readonly pod: string,
  ) {}

  /** Runs SQL in a database, stops at the first error, and returns the rows, with columns separated by tabs. */
  async sql(database: string, sql: string): Promise<string[][]> {
    const program =
      'psql --no-psqlrc --quiet --tuples-only --no-align --field-separator="$(printf \'\\t\')" --set=ON_ERROR_STOP=1';
    const output = await this.exec(program, database, { input: sql });
    return output.split('\n').flatMap((line) => (line ? [line.split('\t')] : []));
  }

  /** Restores a dump in the custom format, from a file of this machine, into an empty database. */
  async restore(database: string, dump: string): Promise<void> {
    const file = openSync(dump, 'r');
    try {
      await this.exec('pg_restore --exit-on-error', database, { file });
    } finally {
      closeSync(file);
    }
  }

  private exec(program: string, database: string, given: { input: string } | { file: number }): Promise<string> {
    const script = `${program} --username="\${POSTGRES_USER:-postgres}" --dbname="$0"`;
    const place = ['exec', '-i', this.pod, '-n', this.namespace, '--'];
    const args = [...clusterFlags(this.cluster), ...place, 'sh', '-c', script, database];
    return new Promise((resolve, reject) => {
      const child = spawn('kubectl', args, {
        env: this.cluster.env ?? process.env,
        stdio: ['file' in given ? given.file : 'pipe', 'pipe', 'pipe'],
      });
      let [stdout, stderr] = ['', ''];
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
      });
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      child.on('error', reject);
      child.on('close', (code) =>
        code === 0
          ? resolve(stdout)
          : reject(
              new FailedError(
                `${program.split(' ')[0]} in pod ${this.pod} failed: ${stderr.trim() || `exit code ${code}`}`,
              ),
            ),
      );
      // A program that ends early reports why by its exit code.
      if ('input' in given) child.stdin?.on('error', () => {}).end(given.input);
    });
  }
}
