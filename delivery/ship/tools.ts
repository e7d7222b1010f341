import { hostname, userInfo } from 'node:os';
import { type Clock, systemClock } from '../../clients/clock';
import { cloudNow } from '../../clients/google';
import { clusterPlaceOf, Kubectl } from '../../clients/kubectl';
import { RegistryClient } from '../../clients/registry';
import { assertKubeconfig } from '../../clients/running-application';
import type { LoadedPlatform } from '../../platforms/load';
import { environmentOf } from '../../platforms/schema/define-platform';
import { repositoryOf } from '../../platforms/schema/environment';
import { GitHistory } from '../git/git-history';
import { GitRefStore } from '../git/git-ref-store';
import type { RefStore } from '../git/ref-store';
import { credentialsOf } from '../git/remote';
import type { Holder } from '../lock/record';
import type { History } from '../tag/ancestry';

/** Dependencies of a delivery. */
export interface DeliveryTools {
  readonly platform: LoadedPlatform;
  readonly env: string;
  /** The config repository. */
  readonly store: RefStore & Pick<GitRefStore, 'checkout' | 'resolve'>;
  readonly registry: RegistryClient;
  readonly clock: Clock;
  /** Aborted when a person interrupts. */
  readonly signal: AbortSignal;
  /** Reports progress, one line at a time. */
  readonly report: (line: string) => void;
  /** The cluster. @throws if its kubeconfig does not exist */
  kubectl(): Kubectl;
  /** The commits of a service's repository. */
  history(url: string): Promise<History>;
  /** The time for schedules and windows. */
  now(): Promise<Date>;
}

/** Opens the dependencies of a delivery, and closes them when the work is done. */
export async function withTools<T>(
  platform: LoadedPlatform,
  env: string,
  options: Pick<DeliveryTools, 'report' | 'signal'>,
  work: (tools: DeliveryTools) => Promise<T>,
): Promise<T> {
  const credentials = credentialsOf(process.env);
  const opened: { close(): void }[] = [];
  const open = async <O extends { close(): void }>(opening: Promise<O>) => {
    const one = await opening;
    opened.push(one);
    return one;
  };
  try {
    return await work({
      ...options,
      platform,
      env,
      store: await open(GitRefStore.open(repositoryOf(platform, env).url, credentials)),
      registry: new RegistryClient(),
      clock: systemClock,
      kubectl: () => kubectlOf(platform, env),
      history: (url) => open(GitHistory.open(url, credentials)),
      // Power schedules follow the cloud's clock.
      now: async () => (environmentOf(platform, env).cluster.kind === 'k0s-vm' ? cloudNow() : new Date()),
    });
  } finally {
    for (const one of opened) one.close();
  }
}

/** kubectl for an environment. @throws if its kubeconfig does not exist, with the command that creates it */
function kubectlOf(platform: LoadedPlatform, env: string): Kubectl {
  assertKubeconfig(platform, env);
  return new Kubectl(clusterPlaceOf(platform, env));
}

/** The holder of locks in this process: a workflow run, or a person's process. */
export function holderOf(owner: string, env: NodeJS.ProcessEnv = process.env): Holder {
  const { GITHUB_RUN_ID: run, GITHUB_RUN_ATTEMPT: attempt = '1' } = env;
  return { owner, run: run ? `${run}.${attempt}` : `${userInfo().username}@${hostname()}.${process.pid}` };
}

/** URL of the run, or its name if it has no page. */
export function runAddress(owner: string, env: NodeJS.ProcessEnv = process.env): string {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
  return server && repository && run ? `${server}/${repository}/actions/runs/${run}` : holderOf(owner, env).run;
}
