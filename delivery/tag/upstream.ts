import { type Ancestry, isPlaceholder } from './ancestry';

/**
 * Compares tags of an upstream image by the numbers in them, from left to right: `18-3.6` is older than `18-4.0`. They name
 * no commits, so what comes after the numbers that both have is not compared.
 *
 * @param deployed - undefined before the first deployment
 */
export function compareVersions(deployed: string | undefined, wanted: string): Ancestry {
  if (isPlaceholder(wanted)) return { kind: 'placeholder' };
  if (deployed === wanted) return { kind: 'same' };
  if (deployed === undefined || isPlaceholder(deployed)) return { kind: 'first' };
  const before = numbersIn(deployed);
  const next = numbersIn(wanted);
  for (const [index, number] of next.entries()) {
    const other = before[index];
    if (other === undefined || number === other) continue;
    return { kind: number > other ? 'newer' : 'older' };
  }
  return { kind: 'newer' };
}

function numbersIn(tag: string): number[] {
  return (tag.match(/\d+/g) ?? []).map(Number);
}
