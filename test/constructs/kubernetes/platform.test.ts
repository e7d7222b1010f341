import { parse } from 'yaml';
import { ArgoCd } from '../../../constructs/gitops/argo-cd';
import { ExternalSecrets } from '../../../constructs/kubernetes/external-secrets';
import { LocalPathProvisioner } from '../../../constructs/kubernetes/local-path-provisioner';
import { Namespace } from '../../../constructs/kubernetes/namespace';
import { type Json, synthScope, temporaryFolder } from '../../helpers/synth';

const folder = temporaryFolder();
const only = (resources: Json): Json => Object.values(resources)[0];

test('a namespace admits restricted pods alone, unless it says otherwise', () => {
  const enforced = (podSecurity?: 'privileged') => {
    const { resource } = synthScope(folder, (scope) => {
      new Namespace(scope, 'namespace', { name: 'some', podSecurity });
    });
    return only(resource.kubernetes_namespace_v1).metadata.labels['pod-security.kubernetes.io/enforce'];
  };
  expect(enforced()).toBe('restricted');
  expect(enforced('privileged')).toBe('privileged');
});

describe('local-path-provisioner', () => {
  const { resource } = synthScope(folder, (scope) => {
    const namespace = new Namespace(scope, 'namespace', { name: 'local-path-storage', podSecurity: 'privileged' });
    new LocalPathProvisioner(scope, 'provisioner', { namespace, reclaimPolicy: 'Retain' });
  });

  test('gives the default storage class, which keeps volumes and waits for the pod', () => {
    expect(only(resource.kubernetes_storage_class_v1)).toMatchObject({
      metadata: { name: 'local-path', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      reclaim_policy: 'Retain',
      volume_binding_mode: 'WaitForFirstConsumer',
    });
  });

  test('has all four files that it reads', () => {
    const { data } = only(resource.kubernetes_config_map_v1);
    expect(Object.keys(data).sort()).toEqual(['config.json', 'helperPod.yaml', 'setup', 'teardown']);
    expect(JSON.parse(data['config.json']).nodePathMap[0].paths).toEqual(['/opt/local-path-provisioner']);
    expect(parse(data['helperPod.yaml'])).toMatchObject({ kind: 'Pod' });
    expect(data.setup).toContain('mkdir -m 0777 -p "$VOL_DIR"');
  });

  test('receives the names that its flags would otherwise look up', () => {
    const [container] = only(resource.kubernetes_deployment_v1).spec.template.spec.container;
    const { metadata: config } = Object.entries<Json>(resource.kubernetes_config_map_v1)[0]?.[1] ?? {};
    expect(config.name).toBe('local-path-provisioner');
    expect(container.command.slice(4)).toEqual([
      '--configmap-name',
      expect.stringMatching(/^\$\{kubernetes_config_map_v1\..*\.metadata\[?0?\]?.*name\}$/),
      '--service-account-name',
      expect.stringMatching(/^\$\{kubernetes_service_account_v1\..*name\}$/),
    ]);
  });

  test('reads the logs of its helper pods, which say why one failed', () => {
    const read = only(resource.kubernetes_cluster_role_v1).rule.filter((rule: Json) => rule.verbs.includes('get'));
    expect(read.flatMap((rule: Json) => rule.resources)).toContain('pods/log');
  });

  test('runs without root and without a way to it, though its namespace admits everything', () => {
    const { security_context: pod, container } = only(resource.kubernetes_deployment_v1).spec.template.spec;
    expect(pod).toMatchObject({ run_as_non_root: true, run_as_user: '65534' });
    expect(container[0].security_context).toMatchObject({
      allow_privilege_escalation: false,
      read_only_root_filesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  test('runs pods in its own namespace alone', () => {
    const verbs = only(resource.kubernetes_cluster_role_v1).rule.filter((rule: Json) =>
      rule.resources.includes('pods'),
    );
    expect(verbs.map((rule: Json) => rule.verbs)).toEqual([['get', 'list', 'watch']]);
    expect(only(resource.kubernetes_role_v1).rule[0].verbs).toContain('create');
  });
});

test.each([
  ['argo-cd', ArgoCd, (values: Json) => values.crds.keep === true],
  [
    'external-secrets',
    ExternalSecrets,
    (values: Json) => values.crds.annotations['helm.sh/resource-policy'] === 'keep',
  ],
] as const)('the CRDs of %s stay when the chart goes', (chart, Chart, keeps) => {
  const { resource } = synthScope(folder, (scope) => {
    new Chart(scope, 'chart', { namespace: new Namespace(scope, 'namespace', { name: 'some' }) });
  });
  const release = only(resource.helm_release);
  expect(release.chart).toBe(chart);
  expect(release.version).toMatch(/^\d+\.\d+\.\d+$/);
  expect(keeps(parse(release.values[0]))).toBe(true);
});
