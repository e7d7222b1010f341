import { type ChangedResource, changedResources, type Guard, objectName, prunedObjects, type Values } from './guard';

const NAMESPACES = ['kubernetes_namespace', 'kubernetes_namespace_v1'];
const CLAIMS = ['kubernetes_persistent_volume_claim', 'kubernetes_persistent_volume_claim_v1'];
const WITH_CLAIMS = ['kubernetes_stateful_set', 'kubernetes_stateful_set_v1'];

/** Refuses to delete namespaces and claims: what is in a namespace goes with it, the data of its volumes included. */
export const namespace: Guard = {
  name: 'namespace',
  protects: 'namespaces, volume claims and StatefulSets with claims',
  find: (input) => [
    ...changedResources(input)
      .filter(({ lost }) => lost)
      .flatMap((resource) => {
        const kind = kindOf(resource);
        if (!kind) return [];
        const { layer, address } = resource;
        return [{ place: layer, subject: address, ...words(kind, nameOf(resource)) }];
      }),
    ...prunedObjects(input).flatMap(({ path, object }) =>
      isData(object) ? [{ place: path, subject: objectName(object), ...words(object.kind, object.metadata.name) }] : [],
    ),
  ],
};

function kindOf({ type, before }: ChangedResource): string | undefined {
  if (NAMESPACES.includes(type)) return 'Namespace';
  if (CLAIMS.includes(type)) return 'PersistentVolumeClaim';
  if (WITH_CLAIMS.includes(type)) return 'StatefulSet';
  const { kind } = (before['manifest'] ?? {}) as { kind?: unknown };
  return type === 'kubernetes_manifest' && isData({ kind: String(kind) }) ? String(kind) : undefined;
}

function isData({ kind }: { readonly kind: string }): boolean {
  return ['Namespace', 'PersistentVolumeClaim', 'StatefulSet'].includes(kind);
}

function nameOf({ before }: ChangedResource): string {
  const [metadata] = (Array.isArray(before['metadata']) ? before['metadata'] : []) as Values[];
  const manifest = before['manifest'] as { metadata?: { name?: unknown } } | undefined;
  return String(metadata?.['name'] ?? manifest?.metadata?.name ?? '?');
}

function words(kind: string, name: string): { message: string; blastRadius: string } {
  switch (kind) {
    case 'Namespace':
      return {
        message: `namespace ${name} is deleted with everything in it`,
        blastRadius: `every object in namespace ${name}; volumes too, where the reclaim policy is Delete`,
      };
    case 'StatefulSet':
      return {
        message: `StatefulSet ${name} is deleted; its pods stop`,
        blastRadius: `the pods of ${name}; its claims stay unless persistentVolumeClaimRetentionPolicy deletes them`,
      };
    default:
      return {
        message: `claim ${name} is deleted`,
        blastRadius: `the data of claim ${name}, where the reclaim policy is Delete`,
      };
  }
}
