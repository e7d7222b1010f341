import { githubProvider } from './github/provider';
import { googleBetaProvider, googleProvider } from './google/provider';
import { helmProvider } from './helm/provider';
import type { Clusters } from './kubernetes/clusters/clusters';
import { kubernetesProvider } from './kubernetes/provider/provider';
import { localProvider } from './local/provider';
import { nullProvider } from './null/provider';
import { isArgument, isTimeouts, ruleFor } from './protocol/arguments';
import type { ArgumentRules, ProviderBehaviour } from './protocol/behaviour';
import type { Fields } from './protocol/schema/field';
import { type Served, ServedProvider } from './protocol/served';
import { randomProvider } from './random/provider';
import { timeProvider } from './time/provider';
import { tlsProvider } from './tls/provider';

/** One supported type, and for how many of its arguments there is a rule. */
export interface SupportedType {
  readonly type: string;
  readonly kind: 'resource' | 'data source';
  readonly arguments: number;
  readonly ruled: number;
}

interface Ruled {
  readonly arguments: ArgumentRules;
}

/** All simulated providers. */
export function simulatedProviders(clusters: Pick<Clusters, 'fromKubeconfig'>): ProviderBehaviour[] {
  return [
    googleProvider(),
    googleBetaProvider(),
    kubernetesProvider(clusters),
    helmProvider(clusters),
    githubProvider(),
    nullProvider(),
    timeProvider(),
    randomProvider(),
    localProvider(),
    tlsProvider(),
  ];
}

/** Everything that terraform may configure inside the sandbox. */
export function supportedTypes(): SupportedType[] {
  const nowhere = {
    fromKubeconfig: () => {
      throw new Error('no cluster runs while types are listed');
    },
  };
  // Providers with the package of another have its types.
  const own = simulatedProviders(nowhere).filter((behaviour) => !behaviour.package);
  return own.flatMap((behaviour) => {
    const provider = new ServedProvider(behaviour);
    const row = (kind: SupportedType['kind'], type: string, { fields, behaviour, isKnown }: Served<Ruled>) => {
      const paths = argumentsOf(fields);
      const ruled = paths.filter((path) => isKnown || ruleFor(behaviour.arguments, path));
      return { type, kind, arguments: paths.length, ruled: ruled.length };
    };
    return [
      ...[...provider.resources].map(([type, one]) => row('resource', type, one)),
      ...[...provider.data].map(([type, one]) => row('data source', type, one)),
    ];
  });
}

/** Paths of all arguments that have none inside. `timeouts` are no property of the resource, and an `id` is never configured. */
function argumentsOf(fields: Fields, prefix = ''): string[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const path = prefix + name;
    if (!isArgument(field) || isTimeouts(path) || path === 'id') return [];
    const inner = field.fields ? argumentsOf(field.fields, `${path}.`) : [];
    return inner.length > 0 ? inner : [path];
  });
}
