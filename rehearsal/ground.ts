import { join } from 'node:path';
import { googleClients } from '../clients/google';
import { writeKubeconfig } from '../clients/kubeconfig';
import { SecretStore } from '../clients/secrets';
import { loadPlatform, restoreOf } from '../platforms/load';
import { architectureOf } from '../platforms/schema/cluster';
import { environmentOf, imageRepository, type Platform } from '../platforms/schema/define-platform';
import {
  applicationOf,
  kubeconfigOf,
  layersOf,
  namespaceOf,
  projectOf,
  repositoryOf,
  stackOf,
} from '../platforms/schema/environment';
import { settingName } from '../platforms/schema/github-settings';
import { identityOf } from '../platforms/schema/identity';
import { namesOf } from '../platforms/schema/names';
import { awakeHours } from '../platforms/schema/power';
import { isUpstream } from '../platforms/schema/registry';
import { applicationSecrets, labelsOfSecrets, secretsOf } from '../platforms/schema/secrets';
import type { IdentityRecord } from '../recovery/identity-record';
import { planRestore, writeRestore } from '../recovery/restore';
import { Snapshots } from '../recovery/snapshots';
import { loseMachine } from '../sandbox/google/compute/machine';
import { existingKey } from '../sandbox/machines/existing';
import { pushImage } from '../sandbox/registry/oci';
import { type Sandbox, startSandbox } from '../sandbox/sandbox';
import { synthesise } from '../stacks/app';
import { HOURS_A_MONTH } from './costs';
import { type Ground, Rehearsal } from './rehearsal';
import { contextOf, sandboxOf } from './sandbox-of';
import type { Subject } from './subject';

/**
 * A rehearsal of one environment in a sandbox of its own, started anew.
 *
 * @param options.directory - where its clouds are kept. @default - below `.sandbox`, one for each environment
 */
export async function rehearsalOf(
  platformName: string,
  env: string,
  options: { readonly signal?: AbortSignal; readonly directory?: string } = {},
) {
  const directory = options.directory ?? join('.sandbox', `rehearsal-${platformName}-${env}`);
  const restoreFile = join(directory, 'restores', platformName, 'restore.json');
  const load = () => loadPlatform(platformName, { restoreFile });
  const platform = loadPlatform(platformName);
  const { cluster, delivery } = environmentOf(platform, env);
  const layers = layersOf(platform, env);
  const power = cluster.kind === 'k0s-vm' ? cluster.power : undefined;
  const sandbox = await startSandbox({ ...(await sandboxOf(platform, { only: env })), directory, fresh: true });
  const names = namesOf(platformName, env);
  const owner = { platform: platformName, environment: env };
  const project = projectOf(platform, env);
  const { zone } = platform.google;
  const subject: Subject = {
    platform: platformName,
    env,
    layers: layers.map((id) => ({ id, stack: stackOf(platform, env, id) })),
    vm: cluster.kind === 'k0s-vm' ? { project, zone, name: names.vm, localPort: cluster.tunnelPort } : undefined,
    ...(power && { power }),
    hoursAwake: HOURS_A_MONTH * (power ? awakeHours(power).length / 24 : 1),
    kubeconfig: kubeconfigOf(platform, env),
    secrets: secretsOf(platform, env).map(names.secret),
    application: {
      name: applicationOf(platform, env),
      argocdNamespace: 'argocd',
      namespace: namespaceOf(platform, env),
    },
    imageUpdater: imageUpdaterOf(platform, env),
    pushed:
      delivery.kind === 'push-apply'
        ? {
            ...repositoryOf(platform, env),
            values: applicationSecrets(platform, environmentOf(platform, env)).map(settingName),
          }
        : undefined,
  };
  const clients = googleClients(sandbox.env);
  const secrets = new SecretStore(clients, project, labelsOfSecrets(platform, env));
  const snapshots = new Snapshots(clients.compute, project, zone, owner);
  const tools = {
    snapshots,
    workFolder: directory,
    synthesise: async () => synthesise(load(), join(directory, 'cdktf.out')),
    setSecret: (name: string, value: string) => secrets.set(name, value),
    fetchKubeconfig: () => {
      if (!subject.vm) throw new Error(`${env} has no VM to fetch a kubeconfig from`);
      return writeKubeconfig(subject.vm, subject.kubeconfig.path, sandbox.env);
    },
    chooseRestore: async (diskId: string, serials: IdentityRecord['serials']) => {
      const { restores, ...rest } = load();
      const { snapshot, restore } = planRestore({
        owner,
        snapshots: await snapshots.list(),
        diskId,
        identity: identityOf(platform, env),
        serials,
        present: restoreOf({ restores, ...rest }, env),
      });
      writeRestore(restoreFile, restores, env, restore);
      return snapshot;
    },
  };
  const rehearsal = new Rehearsal(subject, groundOf(sandbox, subject, platform), tools, options.signal);
  return { rehearsal, sandbox, directory, close: () => sandbox.close() };
}

/** What Image Updater watches, where it delivers: the first own image, and the file that lies beside the overlay. */
function imageUpdaterOf(platform: Platform, env: string): Subject['imageUpdater'] {
  const own = Object.values(platform.services).find(({ image }) => !isUpstream(image));
  if (environmentOf(platform, env).delivery.kind !== 'image-updater' || !own) return undefined;
  const file = `${repositoryOf(platform, env).path}/image-updater/${platform.name}.imageupdater.yaml`;
  return { image: imageRepository(platform, own.image), file };
}

function groundOf(sandbox: Sandbox, { vm, env }: Subject, platform: Platform): Ground {
  const { world } = sandbox;
  const instance = vm
    ? `projects/${vm.project}/zones/${vm.zone}/instances/${vm.name}`
    : existingKey(contextOf(environmentOf(platform, env).cluster));
  const volume = (namespace: string) => {
    const cluster = sandbox.clusters.get(instance);
    const [claim] = cluster?.list('', 'PersistentVolumeClaim', namespace).filter(({ spec }) => volumeName(spec)) ?? [];
    const name = volumeName(claim?.['spec']);
    const files = name === undefined ? undefined : cluster?.data.volumes[name];
    if (!files) throw new Error(`no bound volume in namespace ${namespace} of ${instance}`);
    return files;
  };
  return {
    env: sandbox.env,
    now: () => world.clock.now(),
    settled: () => world.clock.settled(),
    loseMachine: () => loseMachine(world, instance),
    writeMarker: (namespace, text) => {
      volume(namespace)[MARKER] = text;
      world.changed();
    },
    readMarker: (namespace) => volume(namespace)[MARKER],
    pushImage: (reference) => {
      pushImage(world, reference, [architectureOf(environmentOf(platform, env).cluster)]);
    },
    commit: async (path, edit) => {
      const { url, branch } = repositoryOf(platform, env);
      const date = world.clock.iso();
      await sandbox.remotes.commit(url, branch, { path, edit, author: 'operator', message: `Change ${path}`, date });
      for (const { cluster } of sandbox.clusters.all()) cluster.wake();
    },
    coverage: () => sandbox.coverage.total(),
  };
}

/** A file of ours in the application's volume: what a recovery has to bring back. */
const MARKER = 'strata-marker';

function volumeName(spec: unknown): string | undefined {
  return (spec as { volumeName?: string } | undefined)?.volumeName;
}
