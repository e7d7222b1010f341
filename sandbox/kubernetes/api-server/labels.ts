/** Labels of an object, as far as it has any. */
export type Labels = Readonly<Record<string, string>> | undefined;

/** A label selector of the API. */
export interface LabelSelector {
  readonly matchLabels?: Record<string, string>;
  readonly matchExpressions?: readonly { key: string; operator: string; values?: string[] }[];
}

/** Whether labels satisfy a selector of the API. A selector that asks nothing takes everything. */
export function matchesSelector(selector: LabelSelector | undefined, labels: Labels): boolean {
  const equal = Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels?.[key] === value);
  return (
    equal &&
    (selector?.matchExpressions ?? []).every((e) => matchesExpression(e.key, e.operator, e.values ?? [], labels))
  );
}

function matchesExpression(key: string, operator: string, values: readonly string[], labels: Labels): boolean {
  const value = labels?.[key];
  if (operator === 'Exists') return value !== undefined;
  if (operator === 'DoesNotExist') return value === undefined;
  const within = value !== undefined && values.includes(value);
  return operator === 'In' ? within : !within;
}

/** Whether labels satisfy a selector as kubectl writes it: `a=b,c!=d,e in (f,g),h,!i`. */
export function matchesSelectorText(text: string, labels: Labels): boolean {
  const terms = text.match(/[^,(]+(?:\([^)]*\))?/g) ?? [];
  return terms.every((term) => {
    const set = /^\s*(\S+)\s+(in|notin)\s*\(([^)]*)\)\s*$/.exec(term);
    if (set) {
      const values = (set[3] ?? '').split(',').map((value) => value.trim());
      return matchesExpression(set[1] ?? '', set[2] === 'in' ? 'In' : 'NotIn', values, labels);
    }
    const [, key = '', operator, value = ''] = /^\s*([^=!\s]+)\s*(==|=|!=)\s*(\S*)\s*$/.exec(term) ?? [];
    if (operator) return (labels?.[key] === value) === (operator !== '!=');
    const name = term.trim();
    return name.startsWith('!') ? labels?.[name.slice(1)] === undefined : labels?.[name] !== undefined;
  });
}
