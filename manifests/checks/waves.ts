import type { Json } from '../json';
import { podsOf } from './pods';
import { type Check, nameOf, type Problem } from './problem';

const WAVE = 'argocd.argoproj.io/sync-wave';

/** Wave of Argo CD in which an object is applied. See https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/ */
function waveOf({ metadata }: Json): number {
  return Number(metadata.annotations?.[WAVE] ?? 0);
}

/**
 * Argo CD waits until a wave is healthy: what an object needs is in an earlier wave or in the same one, and a claim is not in an
 * earlier wave than the pod that binds it, since it would wait for that pod for ever.
 */
export const waves: Check = (objects, { description, env }) => {
  if (description.environments[env]?.delivery.kind === 'push-apply') return [];
  const named = (kind: string, namespace: string | undefined, name: string) =>
    objects.filter(
      (one) =>
        one.kind === kind &&
        one.metadata.name === name &&
        (kind === 'Namespace' || one.metadata.namespace === namespace),
    );
  return objects.flatMap((object): Problem[] => {
    const { namespace } = object.metadata;
    const needed = [
      ...(namespace ? named('Namespace', undefined, namespace) : []),
      ...(object.kind === 'ExternalSecret' ? named('SecretStore', namespace, object.spec.secretStoreRef.name) : []),
      ...secretsOf(object).flatMap((name) =>
        objects.filter(
          (one) =>
            one.kind === 'ExternalSecret' &&
            one.metadata.namespace === namespace &&
            (one.spec.target?.name ?? one.metadata.name) === name,
        ),
      ),
    ];
    const late = needed.find((one) => waveOf(one) > waveOf(object));
    const early = claimsOf(object)
      .flatMap((name) => named('PersistentVolumeClaim', namespace, name))
      .find((claim) => waveOf(claim) < waveOf(object));
    return [
      ...(late ? [problem(object, `it needs ${nameOf(late)} of wave ${waveOf(late)}`, waveOf(late))] : []),
      ...(early ? [problem(early, `${nameOf(object)} of wave ${waveOf(object)} binds it`, waveOf(object))] : []),
    ];
  });
};

function problem(object: Json, why: string, wanted: number): Problem {
  return {
    object,
    path: `metadata.annotations["${WAVE}"]`,
    wrong: `got ${waveOf(object)}, and ${why}`,
    fix: `use ${wanted}, or a later wave`,
  };
}

/** Names of the Secrets that the pods of an object read. */
function secretsOf(object: Json): string[] {
  const [pod] = podsOf([object]);
  const containers: Json[] = [...(pod?.spec.initContainers ?? []), ...(pod?.spec.containers ?? [])];
  return [
    ...containers.flatMap(({ env = [] }) => env.flatMap((one: Json) => one.valueFrom?.secretKeyRef?.name ?? [])),
    ...containers.flatMap(({ envFrom = [] }) => envFrom.flatMap((one: Json) => one.secretRef?.name ?? [])),
    ...(pod?.spec.volumes ?? []).flatMap((one: Json) => one.secret?.secretName ?? []),
  ];
}

/** Names of the claims that the pods of an object mount. */
function claimsOf(object: Json): string[] {
  const [pod] = podsOf([object]);
  return (pod?.spec.volumes ?? []).flatMap((one: Json) => one.persistentVolumeClaim?.claimName ?? []);
}
