import { podsOf } from './pods';
import type { Check, Problem } from './problem';

/** Every object and pod has the labels of its environment and provider, and no selector depends on them. */
export const labels: Check = (objects, environment) => {
  const wanted = { environment: environment.env, provider: environment.provider };
  const lacking = (of: Record<string, string> | undefined, path: string, object: unknown): Problem[] =>
    Object.entries(wanted)
      .filter(([key, value]) => of?.[key] !== value)
      .map(([key, value]) => ({
        object,
        path: `${path}.${key}`,
        wrong: `got ${JSON.stringify(of?.[key])}`,
        fix: `set it to "${value}" in \`labels\` of the overlay`,
      }));
  return [
    ...objects.flatMap((object) => lacking(object.metadata.labels, 'metadata.labels', object)),
    ...podsOf(objects).flatMap(({ object, labels: given, path }) =>
      lacking(given, path.replace(/spec$/, 'metadata.labels'), object),
    ),
    ...objects
      .filter(({ spec }) =>
        Object.keys(wanted).some((key) => key in (spec?.selector?.matchLabels ?? spec?.selector ?? {})),
      )
      .map((object) => ({
        object,
        path: 'spec.selector',
        wrong: 'it selects by environment or provider',
        fix: 'remove `includeSelectors`: a selector cannot be changed later',
      })),
  ];
};
