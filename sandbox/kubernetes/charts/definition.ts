import type { KubernetesObject } from '../../world';
import type { ChartKind } from './chart';

/** The CustomResourceDefinition of a kind. Its schema leaves every field free, and has the defaults that the facts name. */
export function definitionOf(kind: ChartKind): KubernetesObject {
  const { group, scope, plural, versions, shortNames, categories, columns, defaults = {} } = kind;
  const openAPIV3Schema = free();
  for (const [path, value] of Object.entries(defaults)) put(openAPIV3Schema, path.split('.'), value);
  const schema = { openAPIV3Schema };
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

interface Node {
  readonly properties: Record<string, Node>;
  readonly items?: Node;
  readonly [keyword: string]: unknown;
}

function free(): Node {
  return { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: {} };
}

/** Puts a default into a schema, with the objects and lists on the way to it. */
function put({ properties }: Node, [head = '', ...rest]: string[], value: unknown): void {
  const name = head.replace('[]', '');
  if (rest.length === 0) {
    properties[name] = { ...free(), default: value };
    return;
  }
  const below = properties[name] ?? (name === head ? free() : { type: 'array', properties: {}, items: free() });
  properties[name] = below;
  put(below.items ?? below, rest, value);
}
