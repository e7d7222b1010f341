import { parse } from 'yaml';
import { type ChangedResource, type Guard, lostResources, objectName, prunedObjects } from './guard';

/** The part of a chart's values that says what becomes of its CRDs. */
interface CrdValues {
  readonly crds?: { readonly keep?: boolean; readonly annotations?: Readonly<Record<string, string>> };
}

/**
 * Charts that install CRDs as templates, which an uninstall deletes unless their values keep them. Helm never deletes what is in
 * the `crds/` folder of a chart. See https://helm.sh/docs/chart_best_practices/custom_resource_definitions/
 */
const CHARTS: Readonly<Record<string, { readonly groups: string; readonly keeps: (values: CrdValues) => boolean }>> = {
  'argo-cd': { groups: 'argoproj.io', keeps: ({ crds }) => crds?.keep !== false },
  'external-secrets': {
    groups: 'external-secrets.io',
    keeps: ({ crds }) => crds?.annotations?.['helm.sh/resource-policy'] === 'keep',
  },
};

/** Refuses to delete a CRD: the API server then deletes all of its custom resources in every namespace. */
export const crd: Guard = {
  name: 'crd',
  protects: 'CustomResourceDefinitions, whose deletion deletes all custom resources of that kind',
  find: (input) => [
    ...lostResources(input, 'kubernetes_manifest', 'helm_release').flatMap((resource) => {
      const lost = lostDefinition(resource);
      if (!lost) return [];
      const blastRadius = `every custom resource of ${lost}, in all namespaces`;
      const message = `the CRDs of ${lost} are deleted`;
      return [{ place: resource.layer, subject: resource.address, message, blastRadius }];
    }),
    ...prunedObjects(input)
      .filter(({ object }) => object.kind === 'CustomResourceDefinition')
      .map(({ path, object }) => ({
        place: path,
        subject: objectName(object),
        message: `CRD ${object.metadata.name} is pruned`,
        blastRadius: `every custom resource of ${object.metadata.name}, in all namespaces`,
      })),
  ],
};

function lostDefinition({ type, before }: ChangedResource): string | undefined {
  if (type === 'kubernetes_manifest') {
    const manifest = before['manifest'] as { kind?: unknown; metadata?: { name?: unknown } } | undefined;
    return manifest?.kind === 'CustomResourceDefinition' ? String(manifest.metadata?.name) : undefined;
  }
  const chart = CHARTS[String(before['chart']).split('/').at(-1) ?? ''];
  return chart && !chart.keeps(valuesOf(before['values'])) ? chart.groups : undefined;
}

/** The values of a release: documents, of which later ones win. */
function valuesOf(documents: unknown): CrdValues {
  const texts = Array.isArray(documents) ? documents.map(String) : [];
  return Object.assign({}, ...texts.map((text) => parse(text) as object | null)) as CrdValues;
}
