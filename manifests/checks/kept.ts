import type { Json } from '../json';
import type { Check, Problem } from './problem';

const OPTIONS = 'argocd.argoproj.io/sync-options';

/** What holds data: it is lost with the object, or with the last claim that the object made. */
function holdsData({ apiVersion, kind, spec }: Json): boolean {
  if (apiVersion.startsWith('postgresql.cnpg.io/')) return kind === 'Cluster' || kind === 'Database';
  if (kind === 'StatefulSet') return Boolean(spec.volumeClaimTemplates?.length);
  return kind === 'Namespace' || kind === 'PersistentVolumeClaim';
}

/** What holds data outlives a prune and a cascading delete, and a Secret outlives the ExternalSecret that made it. */
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
