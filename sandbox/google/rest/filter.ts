import { CloudError } from '../cloud-error';

type Resource = Record<string, unknown>;

/**
 * Compiles a list filter. Knows `FIELD=VALUE` and `FIELD!=VALUE` (`eq` and `ne` too) joined by AND, over fields such as
 * `name`, `status` and `labels.x`; what it does not know is refused, because a filter read wrongly lists the wrong things.
 */
export function compileFilter(filter: string | null): (resource: Resource) => boolean {
  if (!filter?.trim()) return () => true;
  const terms = filter.split(/\s+AND\s+|\)\s*\(/).map((term) => {
    const [, field, operator, quoted, bare] =
      /^\(?\s*([\w.-]+?)\s*(!=|=|:|\seq\s|\sne\s)\s*(?:"([^"]*)"|([^\s"()]+))\s*\)?$/.exec(term.trim()) ?? [];
    if (!field || operator === ':' || !operator) {
      throw new CloudError({
        status: 400,
        reason: 'invalid',
        message: `Invalid list filter expression: the sandbox knows FIELD=VALUE, got ${term}`,
      });
    }
    return { path: field.split('.'), wanted: quoted ?? bare, equal: ['=', 'eq'].includes(operator.trim()) };
  });
  return (resource) => terms.every(({ path, wanted, equal }) => (valueAt(resource, path) === wanted) === equal);
}

function valueAt(resource: Resource, path: string[]): string | undefined {
  let value: unknown = resource;
  for (const part of path) value = (value as Resource | undefined)?.[part];
  return value === undefined ? undefined : String(value);
}
