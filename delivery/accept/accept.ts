import { join } from 'node:path';
import { kustomize } from '../../clients/kubectl';
import { architectureOf } from '../../platforms/schema/cluster';
import { environmentOf } from '../../platforms/schema/define-platform';
import { repositoryOf } from '../../platforms/schema/environment';
import { githubSettings } from '../../platforms/schema/github-settings';
import { Gate } from '../gate/gate';
import { imageStatus } from '../image/images';
import { ownImages } from '../image/own-images';
import { type Overlay, overlaysOf } from '../overlays';
import { buildManifests } from '../push-apply/apply';
import { secretNames } from '../push-apply/deploy';
import { shortcomings } from '../push-apply/verify';
import { awaitRollout, rolloutSeconds } from '../rollout/rollout';
import { nameOf, type Workload, workloadsIn } from '../rollout/workload';
import { checkOut } from '../ship/target';
import type { DeliveryTools } from '../ship/tools';
import { verify } from '../ship/verify';
import { type Check, checked, passUnless, person } from './check';
import { databases } from './databases';

/** How far the checklist goes. */
export interface AcceptOptions {
  /** Delete one pod of each workload and wait until it is back. @default false */
  readonly failover?: boolean;
  readonly onCheck?: (check: Check) => void;
}

/**
 * Walks the checklist of an environment that is to be handed over: what is in Git, what runs, and what a person has to
 * look at. Changes nothing, unless `failover` is asked for.
 */
export async function accept(tools: DeliveryTools, { failover, onCheck }: AcceptOptions = {}): Promise<Check[]> {
  const { platform, env } = tools;
  environmentOf(platform, env);
  const folder = await checkOut(tools);
  const overlays = await overlaysOf(platform, env, folder);
  const built: { readonly overlay: Overlay; readonly manifests: string }[] = [];
  const list: readonly (readonly [name: string, find: Parameters<typeof checked>[1]])[] = [
    [
      'overlays build',
      async () => {
        for (const overlay of overlays) built.push({ overlay, manifests: await filled(tools, folder, overlay) });
        return passUnless([], `${overlays.length} of ${overlays.length}`);
      },
    ],
    ['images are in the registry', () => images(tools, overlays)],
    ['deploy-control.yaml allows what it should', () => control(tools)],
    ['secrets of GitHub are set', async () => person(settings(tools))],
    ['environment of GitHub is protected', async () => person(protection(tools))],
    ['workflows of the last push have completed', async () => person(`gh run list --branch ${branch(tools)}`)],
    ['manifests pass the API server', () => dryRun(tools, built)],
    ['running images and pods are as in Git', () => running(tools)],
    ['pods, claims and services are ready', () => ready(tools, built)],
    ['databases are listed', () => databases(tools, built)],
    ['services answer other pods', async () => person('open the application, or call a service from another pod')],
    ['a changed setting does not recreate pods', async () => person('change one, deploy it, compare the ages of pods')],
    [
      'a deleted pod comes back',
      () => (failover ? deletePods(tools, built) : Promise.resolve(person('run this again with --failover'))),
    ],
  ];
  const checks: Check[] = [];
  for (const [name, find] of list) {
    const check = await checked(name, find);
    checks.push(check);
    onCheck?.(check);
  }
  return checks;
}

type Built = readonly { readonly overlay: Overlay; readonly manifests: string }[];

/** Where CI applies, with made-up passwords in memory: they are only tried. */
async function filled(tools: DeliveryTools, folder: string, { path }: Overlay): Promise<string> {
  if (environmentOf(tools.platform, tools.env).delivery.kind !== 'push-apply') return kustomize(join(folder, path));
  const values = Object.fromEntries(secretNames(tools).map((name) => [name, 'made-up-value']));
  return (await buildManifests(folder, path, values)).overlay;
}

async function images({ platform, env, registry }: DeliveryTools, overlays: readonly Overlay[]) {
  const { cluster } = environmentOf(platform, env);
  const found = await imageStatus(registry, overlays, ownImages(platform), architectureOf(cluster));
  const missing = found.filter(({ state }) => state !== 'present');
  return passUnless(
    missing.map(({ reference, state }) => `${reference}: ${state}`),
    `${found.length} own images`,
  );
}

async function control({ platform, env, store }: DeliveryTools) {
  const gate = await Gate.read(platform, env, store);
  const rules = gate.control?.environments[env];
  if (!rules) return passUnless([], 'the environment has no gate');
  const { auto_deploy, require_manual_approval } = rules;
  return passUnless(
    [
      ...(gate.control.global.auto_deploy ? [] : ['the kill switch is set: global.auto_deploy is false']),
      ...(rules.enabled ? [] : [`environments.${env}.enabled is false`]),
    ],
    `auto_deploy ${auto_deploy}, require_manual_approval ${require_manual_approval}`,
  );
}

function settings({ platform, env }: DeliveryTools): string {
  const names = githubSettings(platform)
    .filter((one) => one.env === undefined || one.env === env)
    .map(({ name }) => name);
  return `gh secret list and gh variable list have ${[...new Set(names)].join(', ')}`;
}

function protection({ env }: DeliveryTools): string {
  return env === 'prod'
    ? 'environment prod admits its own branch only; approvals are `npm run gate -- approve`'
    : `environment ${env} admits its own branch only`;
}

function branch({ platform, env }: DeliveryTools): string {
  return repositoryOf(platform, env).branch;
}

async function dryRun(tools: DeliveryTools, built: Built) {
  const applied = [];
  for (const { overlay, manifests } of built) {
    // Another manager would have a conflict in every field; a dry run takes none.
    const args = ['apply', '--server-side', '--dry-run=server', '--force-conflicts', '--field-manager=strata-accept'];
    const where = [`--namespace=${overlay.namespace}`, '--filename=-', '--output=name'];
    applied.push(...(await tools.kubectl().run([...args, ...where], manifests)).split('\n').filter(Boolean));
  }
  return passUnless([], `${applied.length} objects, as a dry run`);
}

async function running(tools: DeliveryTools) {
  const verified = await verify(tools);
  return passUnless(
    verified.flatMap(({ differences }) => differences),
    `${verified.length} workloads`,
  );
}

async function ready(tools: DeliveryTools, built: Built) {
  // Overlays of one namespace see the same pods and claims.
  const lacking = new Set<string>();
  for (const { overlay, manifests } of built) {
    for (const line of await shortcomings(tools.kubectl(), manifests, overlay.namespace)) lacking.add(line);
  }
  return passUnless([...lacking], `in ${[...new Set(built.map(({ overlay }) => overlay.namespace))].join(', ')}`);
}

/** Deletes one pod of each workload that has any, and waits for the workload. */
async function deletePods(tools: DeliveryTools, built: Built) {
  const { clock, signal, env } = tools;
  const kubectl = tools.kubectl();
  const all = built.flatMap(({ overlay, manifests }) => workloadsIn(manifests, overlay.namespace));
  const workloads = all.filter(({ spec }) => (spec.replicas ?? 1) > 0);
  for (const workload of workloads) {
    const pod = await firstPod(tools, workload);
    if (pod) await kubectl.run(['delete', 'pod', pod, `--namespace=${workload.metadata.namespace}`]);
  }
  await awaitRollout({ kubectl, workloads, timeoutSeconds: rolloutSeconds(env), clock, signal });
  return passUnless([], workloads.map(nameOf).join(', '));
}

async function firstPod(tools: DeliveryTools, { metadata, spec }: Workload): Promise<string | undefined> {
  const labels = Object.entries(spec.selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const { items } = await tools
    .kubectl()
    .json<{ readonly items: readonly { readonly metadata: { readonly name: string } }[] }>([
      'get',
      'pods',
      `--namespace=${metadata.namespace}`,
      `--selector=${labels.join(',')}`,
    ]);
  return items[0]?.metadata.name;
}
