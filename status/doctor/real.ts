import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { dockerCredentials } from '../../clients/docker-credentials';
import { connectGithub } from '../../clients/github';
import { googleClients, googleRequest, signedInClients } from '../../clients/google';
import { inHome } from '../../clients/kubeconfig';
import { clusterPlaceOf, Kubectl, KubectlError } from '../../clients/kubectl';
import { run } from '../../clients/process';
import { RegistryClient } from '../../clients/registry';
import { assertKubeconfig } from '../../clients/running-application';
import { readVm } from '../../clients/vm';
import { asleep } from '../../clients/vm-state';
import { imageStatus } from '../../delivery/image/images';
import { ownImages } from '../../delivery/image/own-images';
import { DeploymentLock } from '../../delivery/lock/deployment-lock';
import { slackOptions } from '../../delivery/notify/slack';
import { overlaysOf } from '../../delivery/overlays';
import { withTools } from '../../delivery/ship/tools';
import type { LoadedPlatform } from '../../platforms/load';
import { architectureOf } from '../../platforms/schema/cluster';
import { environmentOf } from '../../platforms/schema/define-platform';
import { layersOf, stackOf } from '../../platforms/schema/environment';
import { namesOf } from '../../platforms/schema/names';
import type { GithubAnswer, Surroundings } from './surroundings';

/** How long a place may take to answer, in milliseconds. */
const PATIENCE_MS = 5000;

/** What kubectl prints when nothing listens, as without a tunnel. */
const UNREACHABLE = /was refused|Unable to connect|i\/o timeout|no such host/;

const slackAnswer = z.looseObject({
  response_metadata: z.looseObject({ scopes: z.array(z.string()).optional() }).optional(),
  channels: z.array(z.looseObject({ name: z.string(), is_member: z.boolean().optional() })).optional(),
});

const synthesised = z.looseObject({
  resource: z
    .looseObject({
      google_project_service: z
        .record(z.string(), z.looseObject({ for_each: z.record(z.string(), z.string()).optional() }))
        .optional(),
    })
    .optional(),
});

/**
 * This machine, and what it reaches with the person's credentials.
 *
 * @param outdir - output folder of the synthesised platform.
 */
export function realSurroundings(
  platform: LoadedPlatform,
  env: string,
  outdir: string,
  variables: NodeJS.ProcessEnv = process.env,
): Surroundings {
  const repository = /github\.com\/(.+?)(?:\.git)?$/.exec(platform.repository.url)?.[1] ?? '';
  const google = googleRequest(variables);
  const vmState = once(() => readVm(googleClients(variables), platform, env));
  return {
    platform,
    env,
    variables,
    now: new Date(),
    services: servicesIn(platform, env, outdir),
    run,
    read: (path) => (existsSync(inHome(path)) ? readFileSync(inHome(path), 'utf8') : undefined),
    freeBytes: () => {
      const { bavail, bsize } = statfsSync('.');
      return bavail * bsize;
    },
    google: async <T>(url: string, body?: object) =>
      (await google<T>({ url, ...(body && { method: 'POST', data: body }) })).data,
    signIn: () => signedInClients(variables),
    github: async <T>(route: string, parameters = {}, token = variables['GITHUB_TOKEN']) => {
      const client = await connectGithub(repository, 'read the repository', { ...variables, GITHUB_TOKEN: token });
      const { data, headers = {} } = await client.ask(route, parameters);
      return { data, headers } as GithubAnswer<T>;
    },
    reach,
    cluster: async <T>(...args: readonly string[]) => {
      const vm = await vmState();
      if (vm && 'value' in vm && vm.value.state === 'asleep') throw asleep(namesOf(platform.name, env).vm, vm.value);
      assertKubeconfig(platform, env);
      const kubectl = new Kubectl({ ...clusterPlaceOf(platform, env), requestTimeout: '10s' });
      return kubectl.json<T>(args).catch((error: Error) => {
        if (!UNREACHABLE.test(error.message))
          throw error instanceof KubectlError ? new Error(error.stderr.trim().replace(/^error: /, '')) : error;
        const tunnel = vm
          ? `; npm run tunnel -- --platform ${platform.name} ${env} npm run doctor -- --env ${env}`
          : '';
        throw new Error(`the cluster does not answer${tunnel}`);
      });
    },
    hasLogin: async (host) => (await dockerCredentials(host)) !== undefined,
    images: once(async () => {
      const architecture = architectureOf(environmentOf(platform, env).cluster);
      // A registry that is busy is a finding, and nothing to wait for.
      const registry = new RegistryClient({ sleep: async () => {} });
      return imageStatus(registry, await overlaysOf(platform, env, '.'), ownImages(platform), architecture);
    }),
    lock: async () => {
      const options = { report: () => undefined, signal: new AbortController().signal };
      const read = ({ store, clock }: { store: Tools['store']; clock: Tools['clock'] }) =>
        new DeploymentLock({ store, clock, platform: platform.name, env }).status();
      return (await withTools(platform, env, options, read)).record;
    },
    slack: async (method, parameters = {}) => {
      const { WebClient } = await import('@slack/web-api');
      const client = new WebClient(variables['SLACK_BOT_TOKEN'], slackOptions(variables, PATIENCE_MS));
      const { response_metadata, channels = [] } = slackAnswer.parse(await client.apiCall(method, parameters));
      return {
        scopes: response_metadata?.scopes ?? [],
        // users.conversations lists those that the bot is a member of.
        channels: channels.map(({ name, is_member: isMember = true }) => ({ name, isMember })),
      };
    },
  };
}

/** The result of the first call, for all calls. */
function once<T>(read: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= read();
    return result;
  };
}

type Tools = Parameters<Parameters<typeof withTools>[3]>[0];

async function reach(url: string): Promise<{ status: number; date: string | null }> {
  try {
    const { status, headers } = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS), redirect: 'manual' });
    return { status, date: headers.get('date') };
  } catch (error) {
    throw new Error(((error as Error).cause as Error | undefined)?.message ?? (error as Error).message);
  }
}

/** The services that the layers enable, as they are synthesised. */
function servicesIn(platform: LoadedPlatform, env: string, outdir: string): string[] {
  const found = layersOf(platform, env).flatMap((layer) => {
    const file = join(outdir, 'stacks', stackOf(platform, env, layer), 'cdk.tf.json');
    const { resource } = synthesised.parse(JSON.parse(readFileSync(file, 'utf8')));
    const named = Object.values(resource?.google_project_service ?? {});
    return named.flatMap(({ for_each = {} }) => Object.values(for_each));
  });
  return [...new Set(found)].sort();
}
