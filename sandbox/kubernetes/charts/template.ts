import { type ChartValues, mergeValues, valueAt } from './values';

const REFERENCE = /\$\{([^}]+)\}/g;

/**
 * Fills `${a.b | c}` and `$merge` of a chart's template, as `ChartTemplate` says. A text that is one reference becomes the
 * value itself.
 *
 * @param scope - what references are looked up in.
 */
export function fill(node: unknown, scope: object): unknown {
  if (typeof node === 'string') {
    const whole = /^\$\{([^}]+)\}$/.exec(node)?.[1];
    return whole
      ? lookUp(whole, scope)
      : node.replace(REFERENCE, (_, paths: string) => String(lookUp(paths, scope) ?? ''));
  }
  if (Array.isArray(node)) return node.map((item) => fill(item, scope)).filter((item) => item !== undefined);
  if (typeof node !== 'object' || node === null) return node;
  const { $merge, ...rest } = node as { $merge?: unknown[] };
  if ($merge) return $merge.map((item) => (fill(item, scope) ?? {}) as ChartValues).reduce(mergeValues);
  const filled = Object.entries(rest).map(([key, value]) => [key, fill(value, scope)] as const);
  return Object.fromEntries(filled.filter(([, value]) => value !== undefined));
}

function lookUp(paths: string, scope: object): unknown {
  return paths
    .split('|')
    .map((path) => valueAt(scope, path.trim()))
    .find((value) => value !== undefined && value !== null && value !== '');
}
