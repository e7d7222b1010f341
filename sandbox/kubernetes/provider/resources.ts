import { ProviderError } from '../../protocol/behaviour';
import { isObject, type Value, type Values } from '../../protocol/values';
import type { KubernetesObject } from '../../world';
import { DURATIONS } from '../api-server/durations';
import { isOf } from '../api-server/kind';
import { CLAIMS, SECRETS, SERVICES } from '../api-server/objects';
import { refTo } from '../api-server/reference';
import { only, overlay, text, toObject } from './blocks';
import { type KubernetesResource, timeoutOf, until } from './resource';

const RBAC = 'rbac.authorization.k8s.io/v1';

function typesOf(name: string): string[] {
  return [`kubernetes_${name}_v1`, `kubernetes_${name}`];
}

/** The provider's resources except workloads and manifests. */
export const RESOURCES: readonly KubernetesResource[] = [
  {
    types: typesOf('namespace'),
    apiVersion: 'v1',
    kind: 'Namespace',
    namespaced: false,
    ends: DURATIONS['end of a namespace'].typical,
    content: () => ({}),
    show: () => ({}),
    async ready(cluster, { name }, values) {
      if (values['wait_for_default_service_account'] !== true) return;
      await until(
        cluster,
        60,
        () => cluster.get({ group: '', kind: 'ServiceAccount', namespace: name, name: 'default' }) !== undefined,
      );
    },
  },
  {
    types: typesOf('storage_class'),
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    namespaced: false,
    content({ storage_provisioner, allowed_topologies: topologies, metadata: _, ...rest }) {
      const allowedTopologies = Array.isArray(topologies)
        ? topologies.flatMap((one) => (isObject(one) ? [toObject(one)] : []))
        : [];
      return {
        ...toObject(rest),
        provisioner: storage_provisioner,
        // Defaults of the provider, which its state does not show.
        allowVolumeExpansion: rest['allow_volume_expansion'] ?? true,
        reclaimPolicy: rest['reclaim_policy'] ?? 'Delete',
        volumeBindingMode: rest['volume_binding_mode'] ?? 'Immediate',
        ...(allowedTopologies.length ? { allowedTopologies } : {}),
      };
    },
    show: (prior, object) => ({
      ...plain(prior, object, [
        'reclaim_policy',
        'volume_binding_mode',
        'allow_volume_expansion',
        'mount_options',
        'parameters',
      ]),
      storage_provisioner: String(object['provisioner']),
    }),
  },
  {
    types: typesOf('service_account'),
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    namespaced: true,
    content: (values) => ({
      automountServiceAccountToken: values['automount_service_account_token'] ?? true,
      ...list('imagePullSecrets', values['image_pull_secret']),
      ...list('secrets', values['secret']),
    }),
    show: (prior, object) => ({
      ...plain(prior, object, ['automount_service_account_token']),
      // Since Kubernetes 1.24 there is none.
      default_secret_name: '',
    }),
  },
  role('cluster_role', 'ClusterRole', false),
  role('role', 'Role', true),
  binding('cluster_role_binding', 'ClusterRoleBinding', false),
  binding('role_binding', 'RoleBinding', true),
  {
    types: typesOf('config_map'),
    apiVersion: 'v1',
    kind: 'ConfigMap',
    namespaced: true,
    content: (values) => toObject(withoutMetadata(values)),
    show: (prior, object) => ({
      ...maps(prior, object, ['data', 'binary_data']),
      ...plain(prior, object, ['immutable']),
    }),
  },
  {
    types: typesOf('secret'),
    apiVersion: 'v1',
    kind: 'Secret',
    namespaced: true,
    content(values) {
      const encoded = mapStrings(values['data'], (value) => Buffer.from(value).toString('base64'));
      const data = { ...encoded, ...mapStrings(values['binary_data'], (value) => value) };
      return {
        data,
        type: text(values, 'type') || 'Opaque',
        ...(values['immutable'] === true ? { immutable: true } : {}),
      };
    },
    show(prior, object) {
      const data = (isOf(SECRETS, object) && object.data) || {};
      const binary = Object.keys(isObject(prior['binary_data']) ? prior['binary_data'] : {});
      const own = Object.entries(data).filter(([key]) => !binary.includes(key));
      const decoded = Object.fromEntries(own.map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
      return {
        ...plain(prior, object, ['immutable']),
        data: own.length || isObject(prior['data']) ? decoded : null,
        binary_data: binary.length
          ? Object.fromEntries(binary.flatMap((key) => (key in data ? [[key, data[key] ?? '']] : [])))
          : null,
        ...(text(prior, 'type') ? { type: String(object['type']) } : {}),
      };
    },
  },
  {
    types: typesOf('service'),
    apiVersion: 'v1',
    kind: 'Service',
    namespaced: true,
    async ready(cluster, ref, values) {
      if (text(only(values, 'spec'), 'type') !== 'LoadBalancer' || values['wait_for_load_balancer'] === false) return;
      const timeout = timeoutOf(values, 'create', 600);
      const hasAddress = () => {
        const status = cluster.get(refTo(SERVICES, ref.name, ref.namespace))?.status;
        return (status?.loadBalancer?.ingress?.length ?? 0) > 0;
      };
      if (await until(cluster, timeout, hasAddress)) return;
      throw new ProviderError(
        `Waiting for service "${ref.namespace}/${ref.name}" to assign IP/hostname for a load balancer`,
        'nothing in this cluster provides load balancers',
      );
    },
  },
  {
    types: typesOf('network_policy'),
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    namespaced: true,
  },
  {
    types: typesOf('persistent_volume_claim'),
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    namespaced: true,
    async ready(cluster, ref, values, operation) {
      if (values['wait_until_bound'] === false || operation === 'update') return;
      const timeout = timeoutOf(values, 'create', 300);
      const status = () => cluster.get(refTo(CLAIMS, ref.name, ref.namespace))?.status;
      if (await until(cluster, timeout, () => status()?.phase === 'Bound')) return;
      throw new ProviderError(
        `timeout while waiting for state to become 'Bound' (last state: 'Pending', timeout: ${Math.floor(timeout / 60)}m0s)`,
        status()?.conditions?.[0]?.message,
      );
    },
  },
  {
    types: typesOf('persistent_volume'),
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    namespaced: false,
    // The block of the source is the provider's own: the API has its content in the spec.
    content(values) {
      const { persistent_volume_source: source, ...spec } = only(values, 'spec');
      return { spec: { ...toObject(spec, 'spec'), ...toObject(only({ source: source ?? null }, 'source')) } };
    },
    show: (prior) => ({ spec: prior['spec'] ?? [] }),
  },
  {
    types: ['kubernetes_ingress_v1'],
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    namespaced: true,
  },
  {
    types: typesOf('ingress_class'),
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    namespaced: false,
  },
  {
    types: ['kubernetes_daemon_set_v1', 'kubernetes_daemonset'],
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    namespaced: true,
  },
  {
    types: ['kubernetes_cron_job_v1'],
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    namespaced: true,
  },
  {
    types: ['kubernetes_pod_disruption_budget_v1'],
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    namespaced: true,
  },
  {
    types: ['kubernetes_horizontal_pod_autoscaler_v2'],
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    namespaced: true,
  },
  {
    types: typesOf('limit_range'),
    apiVersion: 'v1',
    kind: 'LimitRange',
    namespaced: true,
  },
  {
    types: typesOf('resource_quota'),
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    namespaced: true,
  },
  {
    types: typesOf('priority_class'),
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    namespaced: false,
    content: (values) => toObject(withoutMetadata(values)),
    show: (prior, object) => plain(prior, object, ['description', 'global_default', 'preemption_policy', 'value']),
  },
];

function role(name: string, kind: string, namespaced: boolean): KubernetesResource {
  return {
    types: typesOf(name),
    apiVersion: RBAC,
    kind,
    namespaced,
    content: (values) => toObject(withoutMetadata(values)),
    show: (prior, object) => overlay({ rule: prior['rule'] ?? [] }, object),
  };
}

function binding(name: string, kind: string, namespaced: boolean): KubernetesResource {
  return {
    types: typesOf(name),
    apiVersion: RBAC,
    kind,
    namespaced,
    content: (values) => toObject(withoutMetadata(values)),
    show: (prior, object) => overlay({ role_ref: prior['role_ref'] ?? [], subject: prior['subject'] ?? [] }, object),
  };
}

function withoutMetadata({ metadata: _, timeouts: __, id: ___, ...rest }: Values): Values {
  return rest;
}

/** Attributes that carry the same thing under the camel case of their name. */
function plain(prior: Values, object: KubernetesObject, names: readonly string[]): Values {
  return overlay(Object.fromEntries(names.map((name) => [name, prior[name] ?? null])), object);
}

/** Maps that belong to the resource alone: keys that others add are drift. */
function maps(prior: Values, object: KubernetesObject, names: readonly string[]): Values {
  return Object.fromEntries(
    names.map((name) => {
      const now = object[name.replace('_d', 'D')] as Values | undefined;
      return [name, now && Object.keys(now).length ? now : isObject(prior[name]) ? {} : null];
    }),
  );
}

function list(key: string, blocks: Value | undefined): Record<string, unknown> {
  const all = Array.isArray(blocks) ? blocks.flatMap((block) => (isObject(block) ? [toObject(block)] : [])) : [];
  return all.length ? { [key]: all } : {};
}

function mapStrings(value: Value | undefined, change: (text: string) => string): Record<string, string> {
  if (!isObject(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, change(String(text))]));
}
