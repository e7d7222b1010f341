import type { Cluster } from '../api-server/cluster';
import { defaultStorageClass } from '../api-server/defaults';
import { DURATIONS } from '../api-server/durations';
import {
  CLAIMS,
  type Claim,
  DEPLOYMENTS,
  type Deployment,
  PODS,
  STORAGE_CLASSES,
  type StorageClass,
  VOLUMES,
  type Volume,
} from '../api-server/objects';
import { parseQuantity } from '../api-server/quantity';
import { refOf, refTo } from '../api-server/reference';
import { builtIn } from './built-in';
import { refusalOfHelper } from './local-path';
import { record } from './record';
import { SELECTED_NODE } from './scheduler';

/** Provisioner of rancher/local-path-provisioner. */
const LOCAL_PATH = 'rancher.io/local-path';

/** The Deployment of each provisioner: that of rancher, and the CSI driver of Hetzner Cloud. */
const PROVISIONERS: Readonly<Record<string, string>> = {
  [LOCAL_PATH]: 'local-path-provisioner',
  'csi.hetzner.cloud': 'hcloud-csi-controller',
};

/** Annotation of a volume: the provisioner that created it. */
const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';

/** Simulates what binds claims to volumes, and provisioners while their own pods run. */
export const storage = builtIn('storage', (cluster) => {
  for (const claim of cluster.list(CLAIMS)) {
    if (claim.metadata.deletionTimestamp) release(cluster, claim);
    else bind(cluster, claim);
  }
  for (const volume of cluster.list(VOLUMES)) settle(cluster, volume);
});

/** A claim in use stays until its last pod is gone. */
function release(cluster: Cluster, claim: Claim): void {
  const isUsed = cluster
    .list(PODS, claim.metadata.namespace)
    .some(
      (pod) =>
        !['Succeeded', 'Failed'].includes(pod.status?.phase ?? '') &&
        pod.spec.volumes?.some((volume) => volume.persistentVolumeClaim?.claimName === claim.metadata.name),
    );
  if (!isUsed) cluster.removeFinalizer(refOf(claim), 'kubernetes.io/pvc-protection');
}

function bind(cluster: Cluster, claim: Claim): void {
  const { spec } = claim;
  const phase = claim.status?.phase;
  const named = spec.volumeName ? cluster.get(refTo(VOLUMES, spec.volumeName)) : undefined;
  if (phase === 'Bound' || phase === 'Lost') {
    if (!named) cluster.setStatus(refOf(claim), { phase: 'Lost' });
    return;
  }
  if (spec.storageClassName === undefined && !spec.volumeName) {
    const storageClassName = defaultStorageClass(cluster);
    if (storageClassName) {
      cluster.apply({ ...claim, spec: { ...spec, storageClassName } });
      return;
    }
  }
  const volume = named ?? cluster.list(VOLUMES).find((candidate) => fits(candidate, claim));
  if (volume) {
    bindTo(cluster, claim, volume);
    return;
  }
  const [reason, message] = whyPending(cluster, claim);
  const old = claim.status?.conditions?.[0];
  const at = old?.reason === reason ? old.lastTransitionTime : cluster.world.clock.iso();
  record(cluster, claim, reason === 'ProvisioningFailed' ? 'Warning' : 'Normal', reason, message);
  // The real claim only has an Event; here the reason is in its status too, where a check finds it.
  const condition = { type: 'Provisioning', status: 'False', reason, message, lastTransitionTime: at };
  cluster.setStatus(refOf(claim), { phase: 'Pending', conditions: [condition] });
}

/** Why a claim has no volume yet, and the way to one where there is one. */
function whyPending(cluster: Cluster, claim: Claim): [reason: string, message: string] {
  const { spec } = claim;
  const name = spec.storageClassName;
  if (spec.volumeName) return ['FailedBinding', `volume "${spec.volumeName}" not found`];
  if (!name) return ['FailedBinding', 'no persistent volumes available for this claim and no storage class is set'];
  const storageClass = cluster.get(refTo(STORAGE_CLASSES, name));
  if (!storageClass) return ['ProvisioningFailed', `storageclass.storage.k8s.io "${name}" not found`];
  const provisioner = storageClass.provisioner;
  const waits = storageClass.volumeBindingMode === 'WaitForFirstConsumer';
  if (waits && !claim.metadata.annotations?.[SELECTED_NODE]) {
    return ['WaitForFirstConsumer', 'waiting for first consumer to be created before binding'];
  }
  const running = runningProvisioner(cluster, provisioner);
  if (running) {
    const refusal =
      !waits && provisioner === LOCAL_PATH
        ? 'configuration error, no node was specified'
        : refusalOfHelper(cluster, running, 'create', `pvc-${claim.metadata.uid}`);
    if (refusal) {
      return ['ProvisioningFailed', `failed to provision volume with StorageClass "${name}": ${refusal}`];
    }
    cluster.later(`volume of ${claim.metadata.uid}`, DURATIONS['volume provisioning'].typical, () =>
      provision(cluster, claim, storageClass),
    );
    return [
      'Provisioning',
      `External provisioner is provisioning volume for claim "${claim.metadata.namespace}/${claim.metadata.name}"`,
    ];
  }
  return [
    'ExternalProvisioning',
    `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`,
  ];
}

function provision(cluster: Cluster, claim: Claim, storageClass: StorageClass): void {
  const now = cluster.get(refOf(claim));
  const { name, namespace = '', uid } = claim.metadata;
  const provisioner = storageClass.provisioner;
  const volume = `pvc-${uid}`;
  const running = runningProvisioner(cluster, provisioner);
  if (now?.metadata.uid !== uid || now?.metadata.deletionTimestamp || !running) return;
  if (refusalOfHelper(cluster, running, 'create', volume)) return;
  const { spec } = claim;
  cluster.data.volumes[volume] ??= {};
  const hostname = { key: 'kubernetes.io/hostname', operator: 'In', values: [cluster.data.nodeName] };
  // A volume of the node stays on it; one of the cloud follows its pod.
  const source =
    provisioner === LOCAL_PATH
      ? {
          hostPath: { path: `/opt/local-path-provisioner/${volume}_${namespace}_${name}`, type: 'DirectoryOrCreate' },
          nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [hostname] }] } },
        }
      : { csi: { driver: provisioner, volumeHandle: volume, fsType: 'ext4' } };
  cluster.apply({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: volume, annotations: { [PROVISIONED_BY]: provisioner } },
    spec: {
      capacity: { storage: spec.resources?.requests?.storage },
      accessModes: spec.accessModes,
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy,
      storageClassName: storageClass.metadata.name,
      volumeMode: 'Filesystem',
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid },
      ...source,
    },
  });
}

/** Whether an unbound volume may serve a claim: reserved for it, or free, of its class and large enough. */
function fits(volume: Volume, claim: Claim): boolean {
  const { spec } = claim;
  const offer = volume.spec;
  const { claimRef } = offer;
  if (volume.metadata.deletionTimestamp) return false;
  const isReserved =
    claimRef && claimRef.name === claim.metadata.name && claimRef.namespace === claim.metadata.namespace;
  if (claimRef) return Boolean(isReserved && (claimRef.uid === undefined || claimRef.uid === claim.metadata.uid));
  return (
    (offer.storageClassName ?? '') === (spec.storageClassName ?? '') &&
    spec.accessModes.every((mode) => offer.accessModes.includes(mode)) &&
    parseQuantity(offer.capacity?.storage) >= parseQuantity(spec.resources?.requests?.storage)
  );
}

function bindTo(cluster: Cluster, claim: Claim, volume: Volume): void {
  const offer = volume.spec;
  if (offer.claimRef?.uid && offer.claimRef.uid !== claim.metadata.uid) return;
  const { name, namespace, uid } = claim.metadata;
  const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid };
  cluster.apply({ ...volume, spec: { ...offer, claimRef } });
  cluster.apply({ ...claim, spec: { ...claim.spec, volumeName: volume.metadata.name } });
  cluster.setStatus(refOf(claim), { phase: 'Bound', accessModes: offer.accessModes, capacity: offer.capacity });
}

/** A volume's phase, and its end: Retain leaves it Released with its data, Delete takes both away. */
function settle(cluster: Cluster, volume: Volume): void {
  const { claimRef, persistentVolumeReclaimPolicy } = volume.spec;
  const claim = claimRef && cluster.get(refTo(CLAIMS, claimRef.name, claimRef.namespace));
  const isBound = claim !== undefined && claim.metadata.uid === claimRef?.uid;
  const phase = isBound ? 'Bound' : claimRef?.uid ? 'Released' : 'Available';
  cluster.setStatus(refOf(volume), { phase });
  if (isBound) return;
  if (volume.metadata.deletionTimestamp) {
    cluster.removeFinalizer(refOf(volume), 'kubernetes.io/pv-protection');
    return;
  }
  const provisioner = volume.metadata.annotations?.[PROVISIONED_BY] ?? '';
  if (phase !== 'Released' || persistentVolumeReclaimPolicy !== 'Delete') return;
  const running = runningProvisioner(cluster, provisioner);
  if (!running || refusalOfHelper(cluster, running, 'delete', volume.metadata.name)) return;
  cluster.later(`end of ${volume.metadata.uid}`, DURATIONS['volume deletion'].typical, () => {
    if (!cluster.get(refOf(volume))) return;
    delete cluster.data.volumes[volume.metadata.name];
    cluster.delete(refOf(volume));
  });
}

/** The Deployment of a provisioner, if one of its pods runs. */
function runningProvisioner(cluster: Cluster, provisioner: string): Deployment | undefined {
  return cluster
    .list(DEPLOYMENTS)
    .find(
      ({ metadata: { name, namespace = '' } }) =>
        name === PROVISIONERS[provisioner] && cluster.workloadRuns(namespace, name),
    );
}
