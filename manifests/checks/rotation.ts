import type { Json } from '../json';
import { podsOf } from './pods';
import type { Check } from './problem';

/**
 * A password of PostgreSQL takes effect when it changes: images of PostgreSQL read theirs when they initialise an empty volume
 * and never again, so another container has to set it. Source: docker-library/docs, postgres, POSTGRES_PASSWORD.
 */
export const rotation: Check = (objects) =>
  podsOf(objects).flatMap(({ object, spec, path }) => {
    const initialised = (spec.containers as Json[]).filter(({ env = [] }) =>
      env.some(({ name }: Json) => /^POSTGRES_PASSWORD(_FILE)?$/.test(name)),
    );
    const follows = spec.containers.some(({ command = [] }: Json) =>
      command.some((word: string) => word.endsWith('/databases.sh')),
    );
    return follows
      ? []
      : initialised
          .filter(({ image }) => /(^|\/)(postgres|postgis)(:|$)/.test(image))
          .map(({ name }) => ({
            object,
            path: `${path}.containers[${name}]`,
            wrong:
              'a new password in its Secret locks clients out: the server keeps the one that it was initialised with',
            fix: 'add component postgres-databases, which sets it',
          }));
  });
