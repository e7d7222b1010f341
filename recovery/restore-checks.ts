import { type IdentityRecord, layersSince } from './identity-record';
import type { Check, RestoreFacts, Subject } from './restore-facts';
import type { Snapshot } from './snapshots';

const HOUR_MS = 3600_000;

/** What a check has found, without its subject. */
type Finding = Omit<Check, 'subject'>;

/**
 * Checks a snapshot against the VM that would be created from it, one line for each subject.
 *
 * @param lineage - ids of all disks that the VM has had.
 */
export function checksOf(snapshot: Snapshot, facts: RestoreFacts, lineage: readonly string[]): Check[] {
  const { record } = snapshot;
  const found: Record<Subject, Finding> = {
    'source disk': passed('API', `disk ${snapshot.sourceDiskId}, one of ${lineage.length} that this VM has had`),
    owner: passed('API', `labels of ${facts.owner.platform} ${facts.owner.environment}`),
    status: passed('API', snapshot.status),
    age: ageOf(snapshot, facts),
    size: sizeOf(snapshot, facts),
    architecture: architectureOf(snapshot, facts),
    zone: zoneOf(facts),
    address: addressOf(record, facts),
    'next disk': nextDiskOf(facts),
    'node name': same(record, record?.nodeName, facts.identity.nodeName, restoreFirst(facts)),
    'certificate names': same(
      record,
      record?.certificateNames.join(', '),
      facts.identity.certificateNames.join(', '),
      restoreFirst(facts),
    ),
    'kubeconfig endpoint': endpointOf(record),
    'volume affinity': affinityOf(record, facts),
    'reclaim policy': policyOf(record, facts),
    'layer states': statesOf(record, facts),
    images: imagesOf(facts),
    'present VM': vmOf(facts),
    cluster: {
      source: 'after boot',
      outcome: 'later',
      finding: record?.cluster
        ? `node, address, cluster id ${record.cluster.id}, ${volumesIn(record)}`
        : 'node and address; the snapshot has no record of its cluster',
    },
  };
  return (Object.entries(found) as [Subject, Finding][]).map(([subject, finding]) => ({ subject, ...finding }));
}

function ageOf({ createdAt }: Snapshot, { now, from, maxAgeHours }: RestoreFacts): Finding {
  const until = typeof from === 'object' && 'before' in from ? from.before : now;
  const hours = (until.getTime() - createdAt.getTime()) / HOUR_MS;
  const finding = `taken ${createdAt.toISOString()}, ${span(hours)} before ${until === now ? 'now' : until.toISOString()}`;
  // Who names a snapshot has chosen its age.
  if (hours <= maxAgeHours || (typeof from === 'object' && 'name' in from)) return passed('API', finding);
  return refused(
    'API',
    `${finding}; at most ${span(maxAgeHours)} is wanted`,
    `use --max-age ${Math.ceil(hours)} if no newer data can be had`,
  );
}

function sizeOf({ sizeGb }: Snapshot, { target, owner }: RestoreFacts): Finding {
  if (sizeGb <= target.sizeGb) return passed('API', `${sizeGb} GB fit on a disk of ${target.sizeGb} GB`);
  return refused(
    'API',
    `${sizeGb} GB do not fit on a disk of ${target.sizeGb} GB`,
    `set disk.sizeGb to at least ${sizeGb} in platforms/${owner.platform}/platform.ts`,
  );
}

/** Names of architectures in the Compute API. Source: https://cloud.google.com/compute/docs/reference/rest/v1/snapshots */
const ARCHITECTURES: Readonly<Record<string, string>> = { X86_64: 'amd64', ARM64: 'arm64' };

function architectureOf({ architecture }: Snapshot, { target }: RestoreFacts): Finding {
  if (!architecture) return note('API', 'Google does not know the architecture of this disk');
  const known = ARCHITECTURES[architecture] ?? architecture;
  if (known === target.architecture) return passed('API', known);
  return refused(
    'API',
    `the disk is ${known}, the machine type is ${target.architecture}`,
    'choose a machine type of the same architecture, or another snapshot',
  );
}

function zoneOf({ cloud, target, owner }: RestoreFacts): Finding {
  if ('problem' in cloud.zone) return unread('API', cloud.zone.problem);
  const { value } = cloud.zone;
  const other = `choose another zone of ${target.region} with --zone; see: gcloud compute zones list --filter=region:${target.region}`;
  if (!value) return refused('API', `zone ${target.zone} does not exist`, other);
  if (value.region !== target.region)
    return refused(
      'API',
      `zone ${target.zone} is in region ${value.region}, but network and address of ${owner.environment} are in ${target.region}`,
      other,
    );
  if (value.status !== 'UP') return refused('API', `zone ${target.zone} is ${value.status}`, other);
  return passed('API', `${target.zone} is UP`);
}

function addressOf(record: IdentityRecord | undefined, facts: RestoreFacts): Finding {
  const { identity, cloud, target } = facts;
  const recorded = same(record, record?.address, identity.address, restoreFirst(facts));
  if (recorded.outcome === 'refused' || 'problem' in cloud.address) return recorded;
  const { value } = cloud.address;
  if (!value) return note('API', `${identity.address} is not reserved; 00-vpc reserves it`);
  if (value.address !== identity.address)
    return refused(
      'API',
      `the reservation is of ${value.address}, not ${identity.address}`,
      'correct network.address in the platform',
    );
  const others = value.users.filter((user) => user !== target.vm);
  if (others.length > 0)
    return refused(
      'API',
      `${identity.address} is used by ${others.join(', ')}`,
      'delete that VM, or give it another address',
    );
  return recorded.outcome === 'note'
    ? recorded
    : passed('record', `${identity.address}, reserved, in use by no other VM`);
}

function nextDiskOf({ cloud, target, owner }: RestoreFacts): Finding {
  if ('problem' in cloud.nextDisk) return unread('API', cloud.nextDisk.problem);
  if (!cloud.nextDisk.value) return passed('API', `${target.disk} does not exist yet`);
  return refused(
    'API',
    `disk ${target.disk} already exists, with id ${cloud.nextDisk.value}`,
    `an interrupted restore has left it: delete it with gcloud compute disks delete ${target.disk} --zone ${target.zone}, or continue that restore with npm run restore -- --env ${owner.environment}`,
  );
}

function endpointOf(record: IdentityRecord | undefined): Finding {
  if (!record) return NO_RECORD;
  const missing = ['127.0.0.1', 'localhost'].filter((name) => !record.certificateNames.includes(name));
  if (missing.length === 0) return passed('record', '127.0.0.1, through the tunnel, is in the certificate');
  return refused(
    'record',
    `${missing.join(' and ')}, through which kubeconfigs reach the cluster, ${missing.length > 1 ? 'are' : 'is'} not in its certificate`,
    'choose another snapshot with --from',
  );
}

function affinityOf(record: IdentityRecord | undefined, { identity }: RestoreFacts): Finding {
  if (!record?.cluster) return NO_CLUSTER;
  const lost = record.cluster.volumes.filter(({ node }) => node !== identity.nodeName);
  if (lost.length === 0) return passed('record', `bound to node ${identity.nodeName}: ${volumesIn(record)}`);
  const nodes = lost.map(({ node, count }) => `${count} to ${node || 'no node'}`).join(', ');
  return refused(
    'record',
    `volumes are bound to another node than ${identity.nodeName}: ${nodes}`,
    'no pod could use them; choose another snapshot with --from',
  );
}

function policyOf(record: IdentityRecord | undefined, { target }: RestoreFacts): Finding {
  if (!record?.cluster) return NO_CLUSTER;
  const other = record.cluster.volumes.filter(({ policy }) => policy !== target.reclaimPolicy);
  if (other.length === 0) return passed('record', target.reclaimPolicy);
  const found = other.map(({ count, policy }) => `${count} have ${policy}`).join(', ');
  const finding = `of ${volumesIn(record)}, ${found}, not ${target.reclaimPolicy}`;
  if (target.reclaimPolicy !== 'Retain') return note('record', finding);
  return refused(
    'record',
    `${finding}: a claim that is deleted deletes its data`,
    'after the restore, run kubectl patch pv NAME -p \'{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}\'; restore with --allow "reclaim policy"',
  );
}

function statesOf(record: IdentityRecord | undefined, { serials }: RestoreFacts): Finding {
  if (!record) return NO_RECORD;
  const lost = Object.entries(record.serials).filter(([id, serial]) => (serials[id] ?? 0) < serial);
  if (lost.length > 0)
    return refused(
      'state',
      lost
        .map(([id, serial]) =>
          serials[id]
            ? `the state of ${id} is older than the snapshot (serial ${serials[id]}, then ${serial}): what was applied in between is in the cluster and not in the state`
            : `${id} has no state, but had serial ${serial} at the snapshot: its resources are in the cluster and in no state`,
        )
        .join('; '),
      'bring back the version of the state with that serial from the bucket, or restore with --allow "layer states" and import what exists',
    );
  const since = layersSince(record, serials);
  if (since.length === 0) return passed('record', 'all layers are as they were at the snapshot');
  return note('record', `${since.join('; ')}: applied again after the boot`);
}

function imagesOf({ missingImages }: RestoreFacts): Finding {
  if ('problem' in missingImages) return unread('registry', missingImages.problem);
  const { value } = missingImages;
  if (value.length === 0) return passed('registry', 'the registry has all images of the overlays');
  return refused(
    'registry',
    `the registry lacks ${value.join(', ')}`,
    'build and push them, or restore with --allow images and ship other ones',
  );
}

function vmOf({ cloud, target }: RestoreFacts): Finding {
  if ('problem' in cloud.vm) return unread('API', cloud.vm.problem);
  const { value } = cloud.vm;
  if (!value) return passed('API', `${target.vm} does not exist`);
  return note(
    'API',
    `${target.vm} is ${value}; what it has written since the snapshot stays on its disk until --finish`,
  );
}

/** Compares the record with the VM that would be created. */
function same(record: IdentityRecord | undefined, then: string | undefined, now: string, next: string): Finding {
  if (!record) return NO_RECORD;
  return then === now
    ? passed('record', now)
    : refused('record', `is ${then} in the snapshot, but would be ${now}`, next);
}

function restoreFirst({ owner }: RestoreFacts): string {
  return `undo this change in platforms/${owner.platform}/platform.ts, restore, and make it again afterwards; or choose another snapshot with --from`;
}

const NO_RECORD = note('record', 'not compared: the snapshot has no record, like all scheduled ones');
const NO_CLUSTER = note('record', 'not compared: the snapshot has no record of its cluster');

/** `1 volume`, `2 volumes`. */
function volumesIn({ cluster }: IdentityRecord): string {
  const count = (cluster?.volumes ?? []).reduce((sum, one) => sum + one.count, 0);
  return `${count} volume${count === 1 ? '' : 's'}`;
}

function passed(source: Check['source'], finding: string): Finding {
  return { source, outcome: 'passed', finding };
}

function note(source: Check['source'], finding: string): Finding {
  return { source, outcome: 'note', finding };
}

function unread(source: Check['source'], problem: string): Finding {
  return note(source, `could not be read: ${problem}`);
}

function refused(source: Check['source'], finding: string, next: string): Finding {
  return { source, outcome: 'refused', finding, next };
}

/** `3.2` -> `3 h 12 min`. */
function span(hours: number): string {
  const minutes = Math.max(0, Math.round(hours * 60));
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
