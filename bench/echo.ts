import { tmpdir } from 'node:os';
import {
  CoverageCounter,
  type CtyType,
  type Fields,
  type ProviderBehaviour,
  ServedProvider,
  type ServedProviders,
  serveProviders,
  simulatedProviders,
  type Value,
  type Values,
  World,
} from '../sandbox/providers';

/** Values that a cloud would choose, by the type of the attribute. */
const DECIDED: Readonly<Record<string, Value>> = { string: 'echo', number: 0, bool: false };

/**
 * Serves every simulated type by its schema alone: the plan is the configuration, and what is created is the plan. No provider
 * can do less, so this is the lower bound for the time of a simulated one.
 */
export function serveEcho(): Promise<ServedProviders> {
  const nowhere = () => {
    throw new Error('nothing that echoes asks for a cluster');
  };
  const options = { world: World.inMemory(), coverage: new CoverageCounter(), home: tmpdir() };
  return serveProviders(simulatedProviders({ fromKubeconfig: nowhere }).map(echo), options);
}

function echo(provider: ProviderBehaviour): ProviderBehaviour {
  const { resources, data } = new ServedProvider(provider);
  const { name, source } = provider;
  return {
    name,
    source,
    package: provider.package,
    resources: [...resources].map(([type, { fields }]) => ({
      type,
      arguments: {},
      create: async (planned: Values) => ({ key: 'echo', values: { ...planned, ...decided(fields, planned) } }),
      read: async (_key: string, prior: Values) => prior,
      update: async (_key: string, _prior: Values, planned: Values) => planned,
      delete: async () => {},
    })),
    data: [...data].map(([type, { fields }]) => ({
      type,
      arguments: {},
      read: async (config: Values) => ({ ...config, ...decided(fields, config) }),
    })),
  };
}

/** A value for each attribute that only a cloud can know. */
function decided(fields: Fields, planned: Values): Values {
  const open = Object.entries(fields).filter(([name, { computed }]) => computed && !(name in withoutUnknowns(planned)));
  return Object.fromEntries(open.map(([name, { type }]) => [name, decidedValue(type)]));
}

function withoutUnknowns(values: Values): Values {
  const known = Object.entries(values).filter(([, value]) => value !== null && typeof value !== 'object');
  return Object.fromEntries(known);
}

function decidedValue(type: CtyType | undefined): Value {
  if (typeof type === 'string') return DECIDED[type] ?? null;
  return type?.[0] === 'map' ? {} : type && type[0] !== 'object' ? [] : null;
}
