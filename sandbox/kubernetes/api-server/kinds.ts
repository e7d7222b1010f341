import type { ApiKind } from './api';
import type { Definition } from './definition';

/** `group/version[,version]: Kind plural [short names]`; a `*` marks kinds without a namespace. Source: kubectl api-resources of 1.34. */
const BUILT_IN = `
/v1: Namespace* namespaces ns | Node* nodes no | PersistentVolume* persistentvolumes pv | ConfigMap configmaps cm
/v1: Secret secrets | Service services svc | ServiceAccount serviceaccounts sa | Pod pods po | Event events ev
/v1: PersistentVolumeClaim persistentvolumeclaims pvc | Endpoints endpoints ep | LimitRange limitranges limits
/v1: ResourceQuota resourcequotas quota | ReplicationController replicationcontrollers rc | PodTemplate podtemplates
apps/v1: Deployment deployments deploy | ReplicaSet replicasets rs | StatefulSet statefulsets sts
apps/v1: DaemonSet daemonsets ds | ControllerRevision controllerrevisions
batch/v1: Job jobs | CronJob cronjobs cj
rbac.authorization.k8s.io/v1: ClusterRole* clusterroles | ClusterRoleBinding* clusterrolebindings
rbac.authorization.k8s.io/v1: Role roles | RoleBinding rolebindings
networking.k8s.io/v1: Ingress ingresses ing | IngressClass* ingressclasses | NetworkPolicy networkpolicies netpol
storage.k8s.io/v1: StorageClass* storageclasses sc | CSIDriver* csidrivers | CSINode* csinodes
storage.k8s.io/v1: VolumeAttachment* volumeattachments
policy/v1: PodDisruptionBudget poddisruptionbudgets pdb
coordination.k8s.io/v1: Lease leases
apiextensions.k8s.io/v1: CustomResourceDefinition* customresourcedefinitions crd,crds
apiregistration.k8s.io/v1: APIService* apiservices
autoscaling/v2,v1: HorizontalPodAutoscaler horizontalpodautoscalers hpa
discovery.k8s.io/v1: EndpointSlice endpointslices
scheduling.k8s.io/v1: PriorityClass* priorityclasses pc
node.k8s.io/v1: RuntimeClass* runtimeclasses
admissionregistration.k8s.io/v1: ValidatingWebhookConfiguration* validatingwebhookconfigurations
admissionregistration.k8s.io/v1: MutatingWebhookConfiguration* mutatingwebhookconfigurations
admissionregistration.k8s.io/v1: ValidatingAdmissionPolicy* validatingadmissionpolicies
admissionregistration.k8s.io/v1: ValidatingAdmissionPolicyBinding* validatingadmissionpolicybindings
`;

/** The built-in kinds of every API server. */
export const BUILT_IN_KINDS: readonly ApiKind[] = BUILT_IN.trim().split('\n').flatMap(parseLine);

function parseLine(line: string): ApiKind[] {
  const [where = '', kinds = ''] = line.split(': ');
  const [group = '', versions = ''] = where.split('/');
  return kinds.split(' | ').map((text) => {
    const [kind = '', plural = '', shortNames] = text.split(' ');
    return {
      group,
      versions: versions.split(','),
      kind: kind.replace('*', ''),
      plural,
      namespaced: !kind.endsWith('*'),
      shortNames: shortNames?.split(','),
    };
  });
}

/** Whether a built-in kind has no namespace. */
export function isClusterWide(kind: string): boolean {
  return BUILT_IN_KINDS.some((one) => one.kind === kind && !one.namespaced);
}

/** The kind that a CustomResourceDefinition adds, or nothing while it serves no version. */
export function kindOfDefinition({ spec }: Definition): ApiKind | undefined {
  const versions = spec.versions.filter((version) => version.served !== false).map((version) => version.name);
  if (!versions.length) return undefined;
  return {
    group: spec.group,
    versions: versions.sort(byPriority),
    kind: spec.names.kind,
    plural: spec.names.plural,
    namespaced: spec.scope !== 'Cluster',
    shortNames: spec.names.shortNames,
  };
}

/** Status of a CustomResourceDefinition whose kind is served. @param at - RFC 3339. */
export function establishedStatus({ spec }: Definition, at: string): Record<string, unknown> {
  const condition = (type: string, reason: string) => ({ type, status: 'True', reason, lastTransitionTime: at });
  return {
    acceptedNames: spec.names,
    conditions: [condition('NamesAccepted', 'NoConflicts'), condition('Established', 'InitialNamesAccepted')],
    storedVersions: spec.versions.filter((version) => version.storage).map((version) => version.name),
  };
}

/** Kubernetes' order of versions: v2, v1, v1beta2, v1beta1, v1alpha1, then others. */
function byPriority(a: string, b: string): number {
  const rank = (version: string) => {
    const [, major = '0', stage = '', minor = '0'] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version) ?? [];
    return { alpha: 1e3, beta: 1e6, '': 1e9 }[stage as 'alpha' | 'beta' | ''] + Number(major) * 100 + Number(minor);
  };
  return rank(b) - rank(a);
}

/** Group and version of an apiVersion: `apps/v1` is `apps` and `v1`, `v1` is '' and `v1`. */
export function splitApiVersion(apiVersion: string): { group: string; version: string } {
  const [first = '', second] = apiVersion.split('/');
  return second === undefined ? { group: '', version: first } : { group: first, version: second };
}

/** What messages call a kind's resource: `deployments.apps`. */
export function resourceName(kind: Pick<ApiKind, 'group' | 'plural'>): string {
  return kind.group ? `${kind.plural}.${kind.group}` : kind.plural;
}

/** What messages about invalid objects call a kind: `Deployment.apps`. */
export function qualifiedKind(kind: Pick<ApiKind, 'group' | 'kind'>): string {
  return kind.group ? `${kind.kind}.${kind.group}` : kind.kind;
}
