import type { Json } from '../json';
import { podsOf } from './pods';
import type { Check } from './problem';

/**
 * A changed PostgreSQL password takes effect. The image reads it only when it initialises an empty volume, so another container
 * has to set it. Source: docker-library/docs, postgres, POSTGRES_PASSWORD.
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
            wrong: 'a new password in the Secret locks clients out: the server keeps its initial password',
            fix: 'add component postgres-databases, which sets it',
          }));
  });
