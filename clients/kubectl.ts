import { FailedError } from '../errors';
import type { Platform } from '../platforms/schema/define-platform';
import { kubeconfigOf } from '../platforms/schema/environment';
import { inHome } from './kubeconfig';
import { run } from './process';

/** How kubectl reaches a cluster. */
export interface ClusterPlace {
  /** Absolute path. */
  readonly kubeconfig: string;
  /** @default - the current one of the kubeconfig */
  readonly context?: string;
  /** @default - the environment of this process */
  readonly env?: NodeJS.ProcessEnv;
  /** How long one request may take, such as `10s`. @default - no limit */
  readonly requestTimeout?: string;
}

/** kubectl failed. The message has its output. */
export class KubectlError extends FailedError {
  /** The API server's reason, such as `NotFound` or `Forbidden`. */
  readonly reason: string | undefined;

  constructor(
    args: readonly string[],
    readonly stderr: string,
  ) {
    super(`kubectl ${args.join(' ')}: ${stderr.trim()}`);
    this.reason = /\((\w+)\)/.exec(stderr)?.[1];
  }
}

/** The Kubernetes API of one cluster, through kubectl. */
export class Kubectl {
  constructor(private readonly place: ClusterPlace) {}

  /** Runs kubectl and returns its output. @param input - standard input, the only way to pass secrets. @throws {KubectlError} */
  async run(args: readonly string[], input?: string): Promise<string> {
    const { env } = this.place;
    const all = [...clusterFlags(this.place), ...args];
    const finished = await run('kubectl', all, { env, ...(input !== undefined && { input }) });
    if (finished.code !== 0) throw new KubectlError(args, finished.stderr);
    return finished.stdout;
  }

  /** Runs kubectl with JSON output, and parses it. @throws {KubectlError} */
  async json<T>(args: readonly string[], input?: string): Promise<T> {
    return JSON.parse(await this.run([...args, '--output=json'], input)) as T;
  }

  /** Like `json`, but undefined if the object does not exist. */
  async find<T>(args: readonly string[]): Promise<T | undefined> {
    return this.json<T>(args).catch((error: unknown) => {
      if (error instanceof KubectlError && error.reason === 'NotFound') return undefined;
      throw error;
    });
  }
}

/** The flags by which kubectl reaches a cluster. */
export function clusterFlags({ kubeconfig, context, requestTimeout }: ClusterPlace): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    ...(context ? [`--context=${context}`] : []),
    ...(requestTimeout ? [`--request-timeout=${requestTimeout}`] : []),
  ];
}

/**
 * How kubectl reaches the cluster of an environment.
 *
 * @param variables - environment of kubectl, whose HOME has the kubeconfig.
 */
export function clusterPlaceOf(
  platform: Platform,
  env: string,
  variables: NodeJS.ProcessEnv = process.env,
): ClusterPlace {
  const { path, context } = kubeconfigOf(platform, env);
  return { kubeconfig: inHome(path, variables), ...(context && { context }), env: variables };
}

/** Renders a folder with kustomize, as YAML documents. @throws {KubectlError} with its message. */
export async function kustomize(folder: string, env?: NodeJS.ProcessEnv): Promise<string> {
  const args = ['kustomize', folder];
  const finished = await run('kubectl', args, { env });
  if (finished.code !== 0) throw new KubectlError(args, finished.stderr);
  return finished.stdout;
}
