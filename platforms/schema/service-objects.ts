/** Properties that the objects of a service have in common. */
export interface ServiceObjects {
  readonly name: string;
  readonly port: number;
  /** The label that selects its pods. */
  readonly label: string;
  /** @default - none: the overlay or Argo CD's destination names it */
  readonly namespace?: string;
  /** True to set sync waves, in trees where no component sets them. @default false */
  readonly waves?: boolean;
}

/** A Service for the pods. */
export function serviceObject({ name, port, label, namespace, waves }: ServiceObjects): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name,
      ...(namespace && { namespace }),
      labels: { 'app.kubernetes.io/name': name },
      ...(waves && syncWave(1)),
    },
    spec: {
      ...(waves && { type: 'ClusterIP' }),
      selector: { [label]: name },
      ports: [{ name: 'http', port, targetPort: 'http' }],
    },
  };
}

/**
 * A NetworkPolicy that allows all pods of the namespace to connect to the port. A client needs another one that lets it out.
 *
 * @param servers - pods that the service connects to, by the same label. @default - none
 */
export function networkPolicyObject(
  { name, port, label, namespace, waves }: ServiceObjects,
  servers: readonly { readonly name: string; readonly port: number }[] = [],
): object {
  const pods = (of: string) => ({ matchLabels: { [label]: of } });
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, ...(namespace && { namespace }), ...syncWave(-2) },
    spec: {
      podSelector: pods(name),
      policyTypes: ['Ingress', ...(servers.length > 0 ? ['Egress'] : [])],
      ingress: [{ from: [{ podSelector: {} }], ports: [{ protocol: 'TCP', port: waves ? port : 'http' }] }],
      ...(servers.length > 0 && {
        egress: servers.map((server) => ({
          to: [{ podSelector: pods(server.name) }],
          ports: [{ protocol: 'TCP', port: server.port }],
        })),
      }),
    },
  };
}

/** A PodDisruptionBudget that keeps all pods but one while nodes are drained. */
export function disruptionBudgetObject({ name, label, namespace }: ServiceObjects): object {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, ...(namespace && { namespace }) },
    spec: { maxUnavailable: 1, selector: { matchLabels: { [label]: name } } },
  };
}

/** The three probes of a container. @param path - path of an HTTP request. @default - the port has to be open */
export function probes(path?: string): object {
  const action = path ? { httpGet: { path, port: 'http' } } : { tcpSocket: { port: 'http' } };
  return {
    startupProbe: { ...action, periodSeconds: 2, failureThreshold: 60 },
    readinessProbe: { ...action, periodSeconds: 5 },
    livenessProbe: { ...action, periodSeconds: 20 },
  };
}

/** The annotation of a sync wave of Argo CD. */
export function syncWave(wave: number): { readonly annotations: Readonly<Record<string, string>> } {
  return { annotations: { 'argocd.argoproj.io/sync-wave': String(wave) } };
}
