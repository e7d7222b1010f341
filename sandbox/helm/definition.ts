import type { KubernetesObject } from '../world';
import type { ChartKind } from './chart';

/** The CustomResourceDefinition of a kind. Its schema leaves every field free. */
export function definitionOf(kind: ChartKind): KubernetesObject {
  const { group, scope, plural, versions, shortNames, categories, columns } = kind;
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope,
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural,
        singular: kind.kind.toLowerCase(),
        ...(shortNames ? { shortNames: [...shortNames] } : {}),
        ...(categories ? { categories: [...categories] } : {}),
      },
      versions: versions.map((name, index) => ({
        name,
        served: true,
        storage: index === 0,
        schema,
        subresources: { status: {} },
        ...(columns ? { additionalPrinterColumns: columns } : {}),
      })),
    },
  };
}
