import type { Json } from '../json';
import type { Check, Problem } from './problem';

/** AppProjects list what they allow without patterns, and only the namespaces that they deploy to. */
export const projects: Check = (objects) =>
  objects
    .filter(({ kind }) => kind === 'AppProject')
    .flatMap((object): Problem[] => {
      const { sourceRepos = [], destinations = [], clusterResourceWhitelist = [] } = object.spec;
      const named: [path: string, values: string[]][] = [
        ['sourceRepos', sourceRepos],
        ['destinations', destinations.flatMap(({ server, namespace }: Json) => [server, namespace])],
        ['clusterResourceWhitelist', clusterResourceWhitelist.flatMap(({ group, kind }: Json) => [group, kind])],
      ];
      const own = destinations.map(({ namespace }: Json) => namespace);
      const foreign = clusterResourceWhitelist.filter(
        ({ kind, name }: Json) => kind === 'Namespace' && !own.includes(name),
      );
      return [
        ...named
          .filter(([, values]) => values.some((value) => value.includes('*')))
          .map(([path]) => ({ object, path: `spec.${path}`, wrong: 'got a pattern', fix: 'list what it may use' })),
        ...foreign.map(({ name }: Json) => ({
          object,
          path: 'spec.clusterResourceWhitelist',
          wrong: name ? `Namespace "${name}" is not among its destinations` : 'allows every Namespace of the cluster',
          fix: 'add an entry with a name for each namespace that it deploys to',
        })),
      ];
    });
