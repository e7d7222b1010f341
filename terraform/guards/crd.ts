import { parse } from 'yaml';
import type { LayerId } from '../../contracts/layers';
import type { GuardHit } from '../planning/result';
import { type ChangedResource, type Guard, type GuardInput, lostResources, objectName, prunedObjects } from './guard';

/** The part of a chart's values that says whether it installs CRDs, and what becomes of them. */
interface CrdValues {
  readonly installCRDs?: boolean;
  readonly crds?: {
    readonly install?: boolean;
    readonly keep?: boolean;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** A chart that installs CRDs. */
interface CrdChart {
  /** API groups of its CRDs. */
  readonly groups: string;
  readonly installs: (values: CrdValues) => boolean;
  readonly keeps: (values: CrdValues) => boolean;
}

/**
 * Charts that install CRDs as templates, which an uninstall deletes unless their values keep them. Helm never deletes what is in
 * the `crds/` folder of a chart. See https://helm.sh/docs/chart_best_practices/custom_resource_definitions/
 */
const CHARTS: Readonly<Record<string, CrdChart>> = {
  'argo-cd': {
    groups: 'argoproj.io',
    installs: ({ crds }) => crds?.install !== false,
    keeps: ({ crds }) => crds?.keep !== false,
  },
  'argocd-image-updater': {
    groups: 'argocd-image-updater.argoproj.io',
    installs: ({ crds }) => crds?.install !== false,
    keeps: ({ crds }) => crds?.keep !== false,
  },
  'external-secrets': {
    groups: 'external-secrets.io',
    installs: ({ installCRDs }) => installCRDs !== false,
    keeps: ({ crds }) => crds?.annotations?.['helm.sh/resource-policy'] === 'keep',
  },
};

/**
 * Refuses to delete a CRD: the API server then deletes all of its custom resources in every namespace. Refuses a second owner of one,
 * too: Helm would fail halfway, and the end of either release would delete what the other one needs.
 */
export const crd: Guard = {
  name: 'crd',
  protects: 'CustomResourceDefinitions, whose deletion deletes all custom resources of that kind',
  find: (input) => [
    ...secondOwners(input),
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
  const chart = chartOf(before);
  const values = valuesOf(before['values']);
  return chart?.installs(values) && !chart.keeps(values) ? chart.groups : undefined;
}

/** A release that installs CRDs once the plans are applied. */
interface Owner {
  readonly layer: LayerId;
  readonly address: string;
  readonly groups: string;
  /** True if the plan leaves it as it is. */
  readonly isOld: boolean;
}

/** Releases that would install CRDs which another release owns. */
function secondOwners(input: GuardInput): Omit<GuardHit, 'guard'>[] {
  const owners = ownersIn(input);
  return owners
    .filter(({ isOld }) => !isOld)
    .flatMap((owner) => {
      const others = owners.filter((other) => other.groups === owner.groups && other.address !== owner.address);
      // Of two new ones, the second is refused.
      const [first] = others.filter((other) => other.isOld || owners.indexOf(other) < owners.indexOf(owner));
      if (!first) return [];
      const { groups } = owner;
      return [
        {
          place: owner.layer,
          subject: owner.address,
          message: `it installs the CRDs of ${groups}, which ${first.address} owns; set crds.install to false in one of them`,
          blastRadius: `every custom resource of ${groups}, in all namespaces, once either release is destroyed`,
        },
      ];
    });
}

function ownersIn({ layers }: GuardInput): Owner[] {
  return layers.flatMap(({ layer, json }) =>
    (json.resource_changes ?? []).flatMap(({ address, type, change }) => {
      const after = typeof change.after === 'object' && change.after !== null ? { ...change.after } : undefined;
      if (type !== 'helm_release' || after === undefined) return [];
      const values: Readonly<Record<string, unknown>> = after;
      const chart = chartOf(values);
      if (!chart?.installs(valuesOf(values['values']))) return [];
      return [{ layer, address, groups: chart.groups, isOld: change.actions.includes('no-op') }];
    }),
  );
}

function chartOf(values: Readonly<Record<string, unknown>>): CrdChart | undefined {
  return CHARTS[String(values['chart']).split('/').at(-1) ?? ''];
}

/** The values of a release: documents, of which later ones win. */
function valuesOf(documents: unknown): CrdValues {
  const texts = Array.isArray(documents) ? documents.map(String) : [];
  return Object.assign({}, ...texts.map((text) => parse(text) as object | null)) as CrdValues;
}
