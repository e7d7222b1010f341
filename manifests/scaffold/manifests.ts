/** What the manifests of a service say. */
export interface ServiceManifest {
  readonly name: string;
  readonly port: number;
  /** The label by which its pods are selected. */
  readonly label: string;
  /** @default - none: the overlay or Argo CD's destination names it */
  readonly namespace?: string;
  /** Sync waves, on trees where no component sets them. @default false */
  readonly waves?: boolean;
}

/** A Service in front of the pods. */
export function serviceOf({ name, port, label, waves, ...rest }: ServiceManifest): string {
  return `apiVersion: v1
kind: Service
metadata:
  name: ${name}
${namespaced(rest)}  labels:
    app.kubernetes.io/name: ${name}
${waves ? annotation('1') : ''}spec:
${waves ? '  type: ClusterIP\n' : ''}  selector:
    ${label}: ${name}
  ports:
    - { name: http, port: ${port}, targetPort: http }
`;
}

/**
 * Lets all pods of the namespace in at the port, where they are let out to it.
 *
 * @param servers - pods that it reaches, by the same label: name and port. @default - none
 */
export function networkPolicyOf(
  { name, port, label, waves, ...rest }: ServiceManifest,
  servers: readonly { readonly name: string; readonly port: number }[] = [],
): string {
  const egress = servers.map(
    (server) => `    - to:
        - podSelector:
            matchLabels:
              ${label}: ${server.name}
      ports:
        - { protocol: TCP, port: ${server.port} }
`,
  );
  return `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: ${name}
${namespaced(rest)}${annotation('-2')}spec:
  podSelector:
    matchLabels:
      ${label}: ${name}
  policyTypes: [${egress.length ? 'Ingress, Egress' : 'Ingress'}]
  ingress:
    # Who calls it is let out by a policy of its own.
    - from:
        - podSelector: {}
      ports:
        - { protocol: TCP, port: ${waves ? port : 'http'} }
${egress.length ? `  egress:\n${egress.join('')}` : ''}`;
}

/** Keeps one pod less than all of them while nodes are drained. */
export function disruptionBudgetOf({ name, label, ...rest }: ServiceManifest): string {
  return `apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: ${name}
${namespaced(rest)}spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      ${label}: ${name}
`;
}

/** Three probes of the container, as lines below it. @param path - asked by HTTP. @default - the port has to open */
export function probes(path?: string): string[] {
  const ask = path ? `httpGet: { path: ${path}, port: http }` : 'tcpSocket: { port: http }';
  return [
    ...['startupProbe:', `  ${ask}`, '  periodSeconds: 2', '  failureThreshold: 60'],
    ...['readinessProbe:', `  ${ask}`, '  periodSeconds: 5'],
    ...['livenessProbe:', `  ${ask}`, '  periodSeconds: 20'],
  ];
}

/** Lines of a manifest at a depth. */
export function indented(lines: readonly string[], depth: number): string {
  return lines.map((line) => `${' '.repeat(depth)}${line}\n`).join('');
}

function namespaced({ namespace }: Pick<ServiceManifest, 'namespace'>): string {
  return namespace ? `  namespace: ${namespace}\n` : '';
}

function annotation(wave: string): string {
  return `  annotations:\n    argocd.argoproj.io/sync-wave: "${wave}"\n`;
}
