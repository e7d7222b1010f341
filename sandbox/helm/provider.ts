import { messageOf } from '../errors';
import type { ClusterApi } from '../kubernetes/api-server/api';
import { type ChartFacts, findChart } from '../kubernetes/charts/chart';
import { type ChartValues, mergeValues, type SetEntry, unknownKeys, userValues } from '../kubernetes/charts/values';
import {
  type ArgumentRule,
  type ArgumentRules,
  type Context,
  type ProviderBehaviour,
  ProviderError,
  type ResourceBehaviour,
} from '../protocol/behaviour';
import { hasUnknown, isObject, isUnknown, setOf, type Value, type Values } from '../protocol/values';
import { type ClusterSource, connect } from './connection';
import type { ReleaseRecord } from './record';
import { findRelease, install, type ReleaseRequest, uninstall, upgrade } from './release';

/** Defaults of the optional arguments, as the helm provider 3.x declares them. */
const DEFAULTS: Values = {
  atomic: false,
  cleanup_on_fail: false,
  create_namespace: false,
  dependency_update: false,
  disable_crd_hooks: false,
  disable_openapi_validation: false,
  disable_webhooks: false,
  force_update: false,
  lint: false,
  max_history: 0,
  pass_credentials: false,
  recreate_pods: false,
  render_subchart_notes: true,
  replace: false,
  reset_values: false,
  reuse_values: false,
  skip_crds: false,
  take_ownership: false,
  timeout: 300,
  upgrade_install: false,
  verify: false,
  wait: true,
  wait_for_jobs: false,
};

/** An argument that would change what happens here, and that the sandbox does not simulate. */
function off(name: string): ArgumentRule {
  return {
    change: 'in-place',
    check: (value) => (value === true ? `the sandbox does not simulate ${name} = true; leave it out` : undefined),
  };
}

const RULES: ArgumentRules = {
  name: {
    change: 'replace',
    check: (value) =>
      typeof value === 'string' && (value.length < 1 || value.length > 53)
        ? `Attribute name string length must be between 1 and 53, got: ${value.length}`
        : undefined,
  },
  namespace: 'replace',
  chart: 'in-place',
  repository: 'in-place',
  version: 'in-place',
  values: 'in-place',
  'set.name': 'in-place',
  'set.value': 'in-place',
  'set.type': 'in-place',
  'set_list.name': 'in-place',
  'set_list.value': 'in-place',
  'set_sensitive.name': 'in-place',
  'set_sensitive.value': 'in-place',
  'set_sensitive.type': 'in-place',
  set: 'in-place',
  set_list: 'in-place',
  set_sensitive: 'in-place',
  set_wo: {
    change: 'in-place',
    check: (value) => (value ? 'the sandbox does not simulate set_wo; use set_sensitive' : undefined),
  },
  atomic: 'in-place',
  create_namespace: 'in-place',
  description: 'in-place',
  max_history: 'in-place',
  skip_crds: 'in-place',
  timeout: 'in-place',
  timeouts: 'in-place',
  wait: 'in-place',
  wait_for_jobs: 'in-place',
  cleanup_on_fail: 'in-place',
  dependency_update: 'in-place',
  lint: 'in-place',
  disable_openapi_validation: 'in-place',
  render_subchart_notes: 'in-place',
  reset_values: 'in-place',
  upgrade_install: off('upgrade_install'),
  force_update: off('force_update'),
  recreate_pods: off('recreate_pods'),
  replace: off('replace'),
  reuse_values: off('reuse_values'),
  take_ownership: off('take_ownership'),
  disable_webhooks: off('disable_webhooks'),
};

/**
 * The simulated helm provider, version 3.x: `helm_release` puts the CRDs and workloads of a known chart into a simulated
 * cluster. Charts are known by their facts (see `chart.ts`); no chart is downloaded and no template rendered.
 */
export function helmProvider(clusters: ClusterSource): ProviderBehaviour {
  return { name: 'helm', source: 'hashicorp/helm', resources: [releaseBehaviour(clusters)], data: [] };
}

function releaseBehaviour(clusters: ClusterSource): ResourceBehaviour {
  const clusterOf = ({ provider, home }: Context): ClusterApi => {
    const kubernetes = provider['kubernetes'] ?? null;
    return connect(clusters, isObject(kubernetes) ? kubernetes : {}, home);
  };
  return {
    type: 'helm_release',
    arguments: RULES,
    recomputed: ['metadata', 'status'],
    sensitive: ['repository_password', 'set_sensitive.value'],
    plan: (planned) => {
      const chart =
        isUnknown(planned['version']) && !isUnknown(planned['chart'])
          ? chartOf({ ...planned, version: null })
          : chartOf(planned);
      const given = ['values', 'set', 'set_list', 'set_sensitive'].map((name) => planned[name]);
      if (chart && !given.some((value) => hasUnknown(value))) valuesOf(planned, chart);
      return planned;
    },
    create: async (planned, context) => {
      const record = await attempt('installation failed', () => install(clusterOf(context), request(planned)));
      return { key: `${record.namespace}/${record.name}`, values: attributes(planned, record) };
    },
    read: async (key, prior, context) => {
      const record = findRelease(clusterOf(context), releaseName(key));
      return record ? { ...prior, ...shown(record, prior) } : null;
    },
    update: async (_key, _prior, planned, context) =>
      attributes(planned, await attempt('upgrade failed', () => upgrade(clusterOf(context), request(planned)))),
    delete: async (key, prior, context) => {
      const options = { wait: prior['wait'] !== false, timeout: Number(prior['timeout'] ?? DEFAULTS['timeout']) };
      const cluster = clusterOf(context);
      if (!findRelease(cluster, releaseName(key))) return;
      await attempt('Error uninstalling release', () => uninstall(cluster, releaseName(key), options));
    },
    import: async (id, context) => {
      const key = id.includes('/') ? id : `default/${id}`;
      const record = findRelease(clusterOf(context), releaseName(key));
      if (!record) return null;
      return { key, values: { ...DEFAULTS, ...shown(record, {}), chart: record.chart.metadata.name } };
    },
  };
}

async function attempt<T>(summary: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof ProviderError ? error : new ProviderError(summary, messageOf(error));
  }
}

function releaseName(key: string) {
  const [namespace = '', name = ''] = key.split('/');
  return { namespace, name };
}

function chartOf(values: Values): ChartFacts | undefined {
  const { repository, chart, version } = values;
  if ([repository, chart, version].some(isUnknown)) return undefined;
  try {
    return findChart(text(repository), String(chart), text(version));
  } catch (error) {
    throw new ProviderError('Error locating chart', messageOf(error));
  }
}

function valuesOf(planned: Values, chart: ChartFacts): ChartValues {
  let values: ChartValues;
  try {
    values = userValues(
      list(planned['values']).map(String),
      ['set', 'set_list', 'set_sensitive'].flatMap((name) => list(planned[name]).map(setEntry)),
    );
  } catch (error) {
    throw new ProviderError('Error reading values', messageOf(error));
  }
  const unknown = unknownKeys(values, chart);
  if (unknown.length) throw new ProviderError('Unknown chart values', unknown.join('\n'));
  return values;
}

function setEntry(value: Value): SetEntry {
  const entry = isObject(value) ? value : {};
  return { name: String(entry['name']), value: entry['value'], type: text(entry['type']) };
}

function request(planned: Values): ReleaseRequest {
  const given = withDefaults(planned);
  const chart = chartOf(given) as ChartFacts;
  return {
    name: String(given['name']),
    namespace: String(given['namespace']),
    chart,
    values: valuesOf(given, chart),
    createNamespace: given['create_namespace'] === true,
    wait: given['wait'] === true || given['atomic'] === true,
    timeout: Number(given['timeout']),
    atomic: given['atomic'] === true,
    skipCrds: given['skip_crds'] === true,
    maxHistory: Number(given['max_history']),
    description: text(given['description']) ?? '',
  };
}

/** The planned attributes with the provider's defaults in place of what is not set. */
function withDefaults(planned: Values): Values {
  const entries = list(planned['set']).map((entry) =>
    isObject(entry) ? { ...entry, type: text(entry['type']) ?? '' } : entry,
  );
  return { namespace: 'default', ...DEFAULTS, ...setOf(planned), ...(entries.length ? { set: entries } : {}) };
}

function attributes(planned: Values, record: ReleaseRecord): Values {
  return { ...withDefaults(planned), ...shown(record, planned) };
}

/** What a release shows of itself; `set_sensitive` values are cloaked as the provider cloaks them. */
function shown(record: ReleaseRecord, given: Values): Values {
  const { name, namespace, version: revision, info, chart } = record;
  const secrets = list(given['set_sensitive']).map((entry) => ({
    ...setEntry(entry),
    value: '(sensitive value)',
    type: 'literal',
  }));
  return {
    id: name,
    name,
    namespace,
    version: chart.metadata.version,
    status: info.status,
    description: info.description,
    metadata: {
      name,
      namespace,
      revision,
      chart: chart.metadata.name,
      version: chart.metadata.version,
      app_version: chart.metadata.appVersion,
      first_deployed: Date.parse(info.first_deployed) / 1000,
      last_deployed: Date.parse(info.last_deployed) / 1000,
      notes: '',
      values: JSON.stringify(mergeValues(record.config, userValues([], secrets))),
    },
  };
}

function list(value: Value | undefined): Value[] {
  return Array.isArray(value) ? value : [];
}

function text(value: Value | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
