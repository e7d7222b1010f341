import type { Json } from '../json';
import type { Check, Problem } from './problem';

const OPTIONS = 'argocd.argoproj.io/sync-options';

/** Kinds that hold data: it is lost with the object, or with the last claim that the object created. */
function holdsData({ apiVersion, kind, spec }: Json): boolean {
  if (apiVersion.startsWith('postgresql.cnpg.io/')) return kind === 'Cluster' || kind === 'Database';
  if (kind === 'StatefulSet') return Boolean(spec.volumeClaimTemplates?.length);
  return kind === 'Namespace' || kind === 'PersistentVolumeClaim';
}

/** Objects with data survive pruning and cascading deletes, and a Secret survives the ExternalSecret that created it. */
export const kept: Check = (objects) =>
  objects.flatMap((object): Problem[] => {
    const options: string[] = object.metadata.annotations?.[OPTIONS]?.split(',') ?? [];
    const missing = ['Prune=false', 'Delete=false'].filter((option) => !options.includes(option));
    if (holdsData(object) && missing.length > 0) {
      const path = `metadata.annotations["${OPTIONS}"]`;
      return [{ object, path, wrong: `got ${options.join(',') || undefined}`, fix: `add ${missing.join(',')}` }];
    }
    if (object.kind !== 'ExternalSecret') return [];
    const { creationPolicy, deletionPolicy } = object.spec.target ?? {};
    const wanted = [
      ['creationPolicy', creationPolicy, 'Orphan'],
      ['deletionPolicy', deletionPolicy, 'Retain'],
    ] as const;
    return wanted
      .filter(([, got, want]) => got !== want)
      .map(([key, got, want]) => ({ object, path: `spec.target.${key}`, wrong: `got ${got}`, fix: `use ${want}` }));
  });
