import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inHome } from '../../clients/kubeconfig';
import { RootApplication } from '../../constructs/gitops/root-application';
import { type LoadedPlatform, loadPlatform } from '../../platforms/load';
import {
  applicationOf,
  kubeconfigOf,
  layersOf,
  namespaceOf,
  projectOf,
  repositoryOf,
} from '../../platforms/schema/environment';
import { namesOf } from '../../platforms/schema/names';
import { secretsOf } from '../../platforms/schema/secrets';
import { openGround } from '../../rehearsal/ground';
import { Rehearsal } from '../../rehearsal/rehearsal';
import { bringUp } from '../../rehearsal/steps/bring-up';
import { secret } from '../../sandbox/google/iam/service-accounts';
import type { Sandbox } from '../../sandbox/sandbox';
import { messagesIn } from '../../sandbox/slack/slack';
import type { Ended } from './command-server';
import { Commands } from './commands';
import { copiedTree } from './copied-tree';
import { synthScope } from './synth';

/** An environment that is up in a sandbox, and the commands of those who deliver to it. */
export class DeliveryGround {
  private constructor(
    readonly sandbox: Sandbox,
    private readonly platform: string,
    private readonly env: string,
    private readonly folder: string,
    private readonly commands = new Commands(),
  ) {}

  /**
   * Brings an environment up, as a rehearsal does.
   *
   * @param folder - for its clouds.
   * @param root - what the platform's repository is made from. @default - the trees and descriptions alone, without the history of
   * this checkout, which takes longer to fetch than all that is delivered
   */
  static async open(
    platform: string,
    env: string,
    folder: string,
    root: string = copiedTree().root,
  ): Promise<DeliveryGround> {
    const loaded = loadPlatform(platform);
    const ground = await openGround(loaded, env, { directory: join(folder, 'clouds'), root });
    const rehearsal = new Rehearsal(loaded, env, ground);
    const { sandbox } = ground;
    // Two environments may have to fit on one cluster.
    for (const machine of Object.values(sandbox.world.data.machines))
      Object.assign(machine, { memoryMiB: 65_536, cpus: 32 });
    try {
      const steps = layersOf(loaded, env).length === 0 ? [] : bringUp(loaded, env);
      for (const step of steps) {
        if (step.name === 'set the secrets') await setSecrets(sandbox, loaded, env);
        else if (!step.name.startsWith('snapshot after')) await rehearsal.run(step);
      }
    } catch (error) {
      await sandbox.close();
      throw error;
    }
    return new DeliveryGround(sandbox, platform, env, folder);
  }

  /** Lets the same Argo CD follow another environment on the same cluster. */
  async withEnvironment(env: string): Promise<DeliveryGround> {
    const platform = loadPlatform(this.platform);
    await setSecrets(this.sandbox, platform, env);
    const file = join(this.folder, `root-${env}.json`);
    writeFileSync(
      file,
      rootObjects(platform, env)
        .map((object) => JSON.stringify(object))
        .join('\n'),
    );
    const said = await this.kubectl('apply', '--server-side', '--validate=false', '--filename', file);
    if (!/application\S* serverside-applied/.test(said)) throw new Error(said);
    await this.sandbox.world.clock.settled();
    return new DeliveryGround(this.sandbox, this.platform, env, this.folder, this.commands);
  }

  async close(): Promise<void> {
    await this.commands.close();
    await this.sandbox.close();
  }

  /** Variables that commands get besides the sandbox's own. */
  variables: Readonly<Record<string, string>> = {};

  /** Runs one of our commands for the environment. */
  ours(script: string, ...args: string[]): Promise<Ended> {
    const env = { ...this.sandbox.env, ...this.variables };
    return this.commands.run(script, [...args, '--platform', this.platform, '--env', this.env], env);
  }

  /** Runs any command inside the sandbox. @param input - standard input. @default - none */
  run(program: string, args: readonly string[], cwd = process.cwd(), input?: string): Promise<Ended> {
    const env = { ...this.sandbox.env, ...this.variables };
    return new Promise((resolve) => {
      const child = execFile(program, args, { cwd, env, maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
      );
      if (input !== undefined) child.stdin?.end(input);
    });
  }

  /** Runs kubectl on the environment's cluster. @returns what it printed, its errors included */
  async kubectl(...args: string[]): Promise<string> {
    const { path, context } = kubeconfigOf(loadPlatform(this.platform), this.env);
    const where = ['--kubeconfig', inHome(path, this.sandbox.env), ...(context ? ['--context', context] : [])];
    const { stdout, stderr } = await this.run('kubectl', [...where, ...args]);
    return stdout + stderr;
  }

  async git(cwd: string, ...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run('git', args, cwd);
    if (code !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  }

  /** Checks a branch of a repository out. @returns the folder */
  async checkOut(url: string, branch: string, name = 'source'): Promise<string> {
    const folder = join(this.folder, name);
    await this.git(this.folder, 'clone', '--quiet', `--branch=${branch}`, url, folder);
    return folder;
  }

  /** Writes files, commits and pushes them. @returns the short name of the commit */
  async push(source: string, files: Readonly<Record<string, string>>): Promise<string> {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(source, path)), { recursive: true });
      writeFileSync(join(source, path), text);
    }
    await this.git(source, 'add', '--all');
    await this.git(source, 'commit', '--quiet', `--message=Change ${Object.keys(files).join(', ')}`);
    await this.git(source, 'pull', '--quiet', '--rebase');
    await this.git(source, 'push', '--quiet');
    return this.git(source, 'rev-parse', '--short=7', 'HEAD');
  }

  /** Messages in Slack, oldest first. */
  messages(): readonly string[] {
    return messagesIn(this.sandbox.world, '#builds').map(({ text }) => text);
  }
}

/** By the world itself: the clients of Google load modules in a way that jest does not know. */
async function setSecrets({ world }: Sandbox, platform: LoadedPlatform, env: string): Promise<void> {
  const project = projectOf(platform);
  const names = secretsOf(platform, env).map(namesOf(platform.name, env).secret);
  for (const name of names) {
    const key = `projects/${project}/secrets/${name}`;
    if (!world.get('google_secret_manager_secret', key)) {
      const planned = { secret_id: name, project, labels: null };
      await world.clock.busy(() => secret.create(planned, { world, provider: { project }, home: '' }));
    }
    world.data.secretVersions[key] = [Buffer.from('a value').toString('base64')];
  }
}

/** The AppProject and the Application of an environment, out of the construct that the layer uses. */
function rootObjects(platform: LoadedPlatform, env: string): object[] {
  const json = synthScope(mkdtempSync(join(tmpdir(), 'root-')), (stack) => {
    new RootApplication(stack, 'root', {
      name: applicationOf(platform, env),
      argocdNamespace: 'argocd',
      namespace: namespaceOf(platform, env),
      repository: repositoryOf(platform, env),
    });
  });
  const manifests = json.resource.kubernetes_manifest as Record<string, { manifest: object }>;
  return Object.values(manifests).map(({ manifest }) => manifest);
}
