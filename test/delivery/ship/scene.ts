import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RegistryClient } from '../../../clients/registry';
import { approvalPath } from '../../../delivery/gate/approvals';
import { controlPath } from '../../../delivery/gate/control';
import { MemoryRefStore } from '../../../delivery/git/memory-ref-store';
import { DeploymentLock } from '../../../delivery/lock/deployment-lock';
import { rollBack } from '../../../delivery/ship/rollback';
import { ship } from '../../../delivery/ship/ship';
import { Timeline } from '../../../delivery/ship/timeline';
import type { DeliveryTools } from '../../../delivery/ship/tools';
import { loadPlatform } from '../../../platforms/load';
import { applicationOf, repositoryOf } from '../../../platforms/schema/environment';
import { type Listening, listen } from '../../../sandbox/http';
import { createChannel, handleSlack, messagesIn } from '../../../sandbox/slack/slack';
import { World } from '../../../sandbox/world';
import { TestRegistry } from '../../helpers/registry';
import { FakeCluster, JumpingClock, workload } from '../rollout/fake-cluster';
import { Fuse } from './fuse';

const TOKEN = 'xoxb-token';

/** What a scene is about. */
export interface SceneOptions {
  readonly platform: string;
  readonly env: string;
  readonly service: string;
  /** Its image, with the host. */
  readonly image: string;
  /** Deployed at the beginning. */
  readonly tag: string;
  /** Pods of these tags never become ready. */
  readonly broken?: readonly string[];
  /** Versions that are approved. */
  readonly approved?: readonly string[];
  /** Folder of the `images:` entry. @default - the path of the environment */
  readonly folder?: string;
  /** Changes deploy-control.yaml. */
  readonly control?: (text: string) => string;
  /** Whether the first tag's commit descends from the second one's. */
  readonly descends?: (commit: string, ancestor: string) => boolean;
}

/** A config repository in memory, whose commits can be checked out. */
class CheckedOutStore extends MemoryRefStore {
  readonly paths = new Set<string>();

  constructor(private readonly folder: string) {
    super();
  }

  async checkout(commit: string): Promise<string> {
    for (const path of this.paths) {
      const file = join(this.folder, commit, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, (await this.file(commit, path)) ?? '');
    }
    return join(this.folder, commit);
  }

  async resolve(revision: string): Promise<string> {
    return revision;
  }
}

/**
 * An environment that Argo CD delivers to, all of it in this process: a config repository, a registry, Slack, and a cluster that
 * follows the head of the branch whenever somebody waits.
 */
export class Scene {
  readonly clock = new JumpingClock();
  readonly cluster = new FakeCluster({ pods: { items: [] }, events: { items: [] } });
  readonly registry = new TestRegistry();
  readonly timeline = new Timeline(this.clock);
  readonly said: string[] = [];
  private readonly world = World.inMemory();
  private slack: Listening | undefined;
  private readonly store: CheckedOutStore;
  private readonly branch: string;
  private readonly kustomization: string;

  private constructor(
    private readonly options: SceneOptions,
    folder: string,
  ) {
    const { path, branch } = repositoryOf(loadPlatform(options.platform), options.env);
    this.store = new CheckedOutStore(folder);
    this.branch = branch;
    this.kustomization = `${options.folder ?? path}/kustomization.yaml`;
  }

  /** @param folder - for checkouts */
  static async open(options: SceneOptions, folder: string): Promise<Scene> {
    const scene = new Scene(options, folder);
    await scene.registry.open();
    createChannel(scene.world, '#builds');
    scene.slack = await listen(0, [(...call) => handleSlack(scene.world, TOKEN, ...call)]);
    process.env['SLACK_BOT_TOKEN'] = TOKEN;
    process.env['STRATA_SLACK_ENDPOINT'] = scene.slack.baseUrl;
    await scene.commitFirst();
    await scene.follow();
    const sleep = scene.clock.sleep.bind(scene.clock);
    scene.clock.sleep = async (ms, signal) => {
      await sleep(ms, signal);
      await scene.follow();
    };
    return scene;
  }

  async close(): Promise<void> {
    delete process.env['SLACK_BOT_TOKEN'];
    delete process.env['STRATA_SLACK_ENDPOINT'];
    await this.slack?.close();
    await this.registry.close();
  }

  /** Slack stops answering. */
  async loseSlack(): Promise<void> {
    await this.slack?.close();
    this.slack = undefined;
  }

  /** @param fuse - where the process that ships dies. @default - it lives */
  ship(tag: string, fuse?: Fuse) {
    return ship(
      this.tools(fuse),
      { service: this.options.service, tag, source: '.', trigger: 'manual' },
      this.timeline,
    );
  }

  rollBack(to?: string, fuse?: Fuse) {
    const request = { service: this.options.service, reason: 'it is slow', ...(to && { to }) };
    return rollBack(this.tools(fuse), request, this.timeline);
  }

  push(tag: string): string {
    return this.registry.pushIndex(this.options.image.replace(/^[^/]+\//, ''), tag, ['linux/amd64']);
  }

  /** The digest that a tag in the registry names. */
  async digestOf(tag: string): Promise<string | undefined> {
    return (await this.tools().registry.find(this.options.image, tag))?.digest;
  }

  /** Messages in Slack without their links, oldest first. */
  messages(): string[] {
    return messagesIn(this.world, '#builds').map(({ text }) => text);
  }

  /** A file on the head of the branch. */
  file(name = 'kustomization.yaml'): Promise<string | undefined> {
    return this.store.file(this.head(), join(dirname(this.kustomization), name));
  }

  steps(): string[] {
    return this.timeline.steps.map(({ name, outcome }) => `${name} ${outcome}`);
  }

  private head(): string {
    return this.store.refs.get(`refs/heads/${this.branch}`) ?? '';
  }

  private async commitFirst(): Promise<void> {
    const { platform: name, env, service, image, tag, approved = [], control = (text: string) => text } = this.options;
    const platform = loadPlatform(name);
    const { path } = repositoryOf(platform, env);
    const up = dirname(this.kustomization) === path ? [] : [dirname(this.kustomization)];
    const deployment = { apiVersion: 'apps/v1', ...workload('Deployment', image), status: undefined };
    const files: Record<string, string> = {
      [this.kustomization]: `resources: [web.yaml]\nimages:\n  - name: ${image}\n    newTag: ${tag}\n`,
      [join(dirname(this.kustomization), 'web.yaml')]: JSON.stringify(deployment),
      ...Object.fromEntries(
        up.map((folder) => [
          `${path}/kustomization.yaml`,
          `resources: ['${'../'.repeat(path.split('/').length)}${folder}']\n`,
        ]),
      ),
    };
    for (const file of Object.keys(files)) this.store.paths.add(file);
    files[controlPath(name)] = control(readFileSync(controlPath(name), 'utf8'));
    for (const version of approved) {
      const approval = { platform: name, environment: env, service, version };
      files[approvalPath(approval)] = JSON.stringify({ ...approval, expires: '2027-01-01T00:00:00Z' });
    }
    const author = { name: 'Ann', email: 'ann@example.com' };
    const draft = { author, date: this.clock.date(), message: 'first', files: new Map(Object.entries(files)) };
    const head = await this.store.commit(draft);
    for (const branch of [this.branch, platform.repository.branch]) this.store.refs.set(`refs/heads/${branch}`, head);
    this.push(tag);
  }

  /** Argo CD and the controllers, as far as a rollout looks at them. */
  private async follow(): Promise<void> {
    const { platform: name, env, image, broken = [] } = this.options;
    const platform = loadPlatform(name);
    const tag = /newTag: (\S+)/.exec((await this.file()) ?? '')?.[1] ?? '';
    const ready = broken.includes(tag) ? 0 : 1;
    const { objects } = this.cluster;
    objects[`application/${applicationOf(platform, env)}`] = {
      status: {
        sync: { status: 'Synced', revision: this.head() },
        health: { status: ready ? 'Healthy' : 'Progressing' },
      },
    };
    objects['deployment/web'] = workload('Deployment', `${image}:${tag}`, { availableReplicas: ready });
  }

  /** Frees the lock of a run that has died, as a person does. */
  async breakLock(): Promise<void> {
    const { platform, env } = this.options;
    await new DeploymentLock({ store: this.store, clock: this.clock, platform, env }).break(
      { owner: 'Ann', run: 'by hand' },
      'the run was killed',
    );
  }

  /** The subjects of all commits on the branch, oldest first. */
  async subjects(): Promise<string[]> {
    const commits = await this.store.log(this.head(), this.kustomization, 100);
    return commits.map(({ message }) => message.split('\n')[0] ?? '').reverse();
  }

  /** What commands work with. */
  tools(fuse = new Fuse(0, 'before')): DeliveryTools {
    const { platform, env, descends = () => true } = this.options;
    return {
      platform: { ...loadPlatform(platform), slack: { channel: '#builds' } },
      env,
      store: fuse.on(this.store, ['read', 'push']),
      clock: fuse.local(this.clock, ['sleep']),
      registry: fuse.on(new RegistryClient({ endpoint: this.registry.endpoint, credentials: async () => undefined }), [
        'find',
        'tag',
      ]),
      signal: new AbortController().signal,
      report: (line) => this.said.push(line),
      kubectl: () => fuse.on(this.cluster, ['run', 'json', 'find']),
      history: async () => ({
        find: async (commit) => commit,
        descends: async (commit, ancestor) => descends(commit, ancestor),
      }),
      now: async () => this.clock.date(),
    };
  }
}
