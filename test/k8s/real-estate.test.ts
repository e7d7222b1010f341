import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { podsOf } from '../../manifests/checks/pods';
import { valuesOf } from '../../manifests/checks/problem';
import { parse, render } from '../../manifests/checks/render';
import realEstate from '../../platforms/real-estate/platform';
import { checkClusterConfig } from '../../platforms/schema/hetzner-k3s-config';
import type { Json } from '../helpers/synth';

const ROOT = join(__dirname, '../../k8s/real-estate');
const objects = (path: string): Json[] => parse(render(`k8s/real-estate/${path}`));
const find = (path: string, kind: string, name: string): Json =>
  objects(path).find((one) => one.kind === kind && one.metadata.name === name);
const clusterConfig = (env: string): Json =>
  parse(readFileSync(join(ROOT, `hetzner/${env}/cluster/cluster-config.yaml`), 'utf8'))[0];

/** What each environment declares for itself, wherever in an object it would stand. */
const OWN = [
  ...['resources', 'replicas', 'instances', 'affinity', 'nodeSelector', 'tolerations', 'topologySpreadConstraints'],
  ...['volumeClaimTemplates', 'storage', 'storageClass', 'storageClassName'],
];

test('the base leaves resources, storage, replicas and affinity to the environments', () => {
  expect(objects('base').flatMap((object) => OWN.flatMap((key) => valuesOf(object, key)))).toEqual([]);
});

test.each(['hetzner/dev', 'hetzner/test', 'podman/local'])('%s declares them in its two patches', (path) => {
  const { spec } = find(path, 'StatefulSet', 'postgres');
  expect(spec.replicas).toBe(1);
  expect(spec.volumeClaimTemplates[0].spec.resources.requests.storage).toMatch(/^\d+Gi$/);
  for (const file of ['postgres-resources', 'postgres-storage'])
    expect(parse(readFileSync(join(ROOT, path, `patches/${file}.yaml`), 'utf8'))[0].metadata.name).toBe('postgres');
});

test('a StatefulSet never has more than one replica: nothing would replicate between them', () => {
  const sets = ['hetzner/dev', 'hetzner/test', 'hetzner/prod', 'podman/local'].flatMap(objects);
  for (const { kind, spec } of sets) if (kind === 'StatefulSet') expect(spec.replicas).toBe(1);
});

test('production is a Cluster of three instances on three nodes, with the same databases at the same address', () => {
  const { spec } = find('hetzner/prod', 'Cluster', 'postgres');
  expect(spec.instances).toBe(3);
  expect(spec.affinity).toMatchObject({ enablePodAntiAffinity: true, podAntiAffinityType: 'required' });
  expect(find('hetzner/prod', 'Service', 'postgres-serv').spec.selector['cnpg.io/instanceRole']).toBe('primary');
  expect(find('hetzner/prod', 'StatefulSet', 'postgres')).toBeUndefined();

  const lines = (file: string) =>
    readFileSync(join(ROOT, 'base', file), 'utf8')
      .trim()
      .split('\n');
  const wanted = lines('postgres.databases').filter((line) => !line.startsWith('#'));
  const databases = objects('hetzner/prod').filter(({ kind }) => kind === 'Database');
  expect(databases.map((one) => `${one.spec.name} ${one.spec.owner}`).sort()).toEqual(wanted.sort());
  for (const { spec: database } of databases) {
    expect(database.extensions.map(({ name }: Json) => name)).toEqual(lines('postgres.extensions'));
    expect(database.schemas.map(({ name }: Json) => name)).toEqual(lines('postgres.schemas'));
    expect(database.databaseReclaimPolicy).toBe('retain');
  }
});

test('PostgreSQL 18 finds its volume where it looks for it, owned by its group, and is probed three ways', () => {
  const pod = find('hetzner/dev', 'StatefulSet', 'postgres').spec.template.spec;
  expect(pod.securityContext.fsGroup).toBe(999);
  expect(pod.containers[0]).toMatchObject({
    image: 'docker.io/postgis/postgis:18-3.6',
    startupProbe: {},
    readinessProbe: {},
    livenessProbe: {},
  });
  expect(pod.containers[0].volumeMounts[0]).toEqual({ name: 'data', mountPath: '/var/lib/postgresql' });
});

test('volumes are kept when their claims go', () => {
  for (const env of ['dev', 'test', 'prod'])
    expect(find(`hetzner/${env}`, 'StorageClass', 'hcloud-volumes-retain').reclaimPolicy).toBe('Retain');
});

test('secrets are templates only, each put in by NAME_KEY', () => {
  const secrets = objects('hetzner/prod').filter(({ kind }) => kind === 'Secret');
  const names = secrets.flatMap(({ metadata, stringData }) =>
    Object.entries(stringData)
      .filter(([key]) => key !== 'username' && key !== 'url')
      .map(([key, value]) => {
        expect(value).toBe('StrongBase64Password');
        return `${metadata.name}_${key}`.replaceAll('-', '_').toUpperCase();
      }),
  );
  expect(names.sort()).toEqual([
    'ACCOUNT_SERVICE_DB_USER_PASSWORD',
    'ALERTMANAGER_SLACK_TOKEN',
    'MESSAGING_SERVICE_DB_USER_PASSWORD',
    'OBJECT_STORAGE_ACCESS_KEY_ID',
    'OBJECT_STORAGE_SECRET_ACCESS_KEY',
    'POSTGRES_EXPORTER_PASSWORD',
    'POSTGRES_SA_PASSWORD',
    'PROPERTY_SERVICE_DB_USER_PASSWORD',
  ]);
});

test('where Argo CD applies, no template can overwrite a password, and each environment has a separate namespace', () => {
  for (const env of ['dev', 'test', 'prod']) {
    const own = objects(`argocd/${env}`);
    expect(own.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    const namespaces = new Set(own.map(({ metadata }) => metadata.namespace).filter(Boolean));
    expect([...namespaces]).toEqual([`real-estate-${env}`]);
  }
});

test.each(['test', 'prod'])(
  'alerts of %s, failed dumps among them, reach the channel of deployments and say whose they are',
  (env) => {
    const [slack] = find(`hetzner/${env}`, 'AlertmanagerConfig', 'postgres').spec.receivers[0].slackConfigs;
    expect(slack).toMatchObject({
      channel: realEstate.slack?.channel,
      apiURL: { name: 'alertmanager-slack', key: 'url' },
      httpConfig: { authorization: { credentials: { name: 'alertmanager-slack', key: 'token' } } },
    });
    const { rules } = find(`hetzner/${env}`, 'PrometheusRule', 'postgres').spec.groups[0];
    expect(rules.map(({ alert }: Json) => alert)).toContain('PostgresBackupFailed');
    for (const { labels } of rules)
      expect(labels).toEqual({ severity: expect.stringMatching(/critical|warning/), environment: env });
  },
);

test('a restore is tried with what the backup left in the same bucket', () => {
  const pods = podsOf(objects('hetzner/prod')).filter(({ object }) => object.kind === 'CronJob');
  const buckets = pods.flatMap(({ spec }) =>
    [...spec.initContainers, ...spec.containers].flatMap(({ envFrom = [] }: Json) =>
      envFrom.map(({ configMapRef }: Json) => configMapRef.name).filter((name: string) => name.startsWith('object-')),
    ),
  );
  expect(pods.map(({ object }) => object.metadata.name)).toEqual(['postgres-backup', 'postgres-restore-test']);
  expect(new Set(buckets).size).toBe(1);
  expect(find('hetzner/prod', 'ConfigMap', buckets[0]).data.BUCKET).toBe('real-estate-prod-backups');
});

test.each(['dev', 'test', 'prod'])('the cluster of %s is described as hetzner-k3s reads it', (env) => {
  const config = checkClusterConfig(realEstate, env, clusterConfig(env));
  expect(config.cluster_name).toBe(`hetzner-${env}-cluster`);
  expect(config.kubeconfig_path).toBe(`~/.kube/strata/real-estate-${env}.yaml`);
  expect(config.auto_deploy).toBe(env === 'dev');
});

const AT = 'networking.allowed_networks.custom_firewall_rules';

test.each<[string, (config: Json) => void, string]>([
  [
    'another name',
    (config) => {
      config.cluster_name = 'hetzner-prod';
    },
    'cluster_name: got "hetzner-prod"; keep "hetzner-prod-cluster": another name creates another cluster, without the data',
  ],
  [
    'an outbound firewall without UDP',
    (config) => config.networking.allowed_networks.custom_firewall_rules.pop(),
    `${AT}: got ["out tcp"]; allow all outbound udp to 0.0.0.0/0: once there is an outbound rule, Hetzner denies all other traffic, and nodes cannot pull images`,
  ],
  [
    'no outbound rule',
    (config) => {
      config.networking.allowed_networks.custom_firewall_rules = [];
    },
    `${AT}: got []; allow all outbound tcp and udp to 0.0.0.0/0: once there is an outbound rule, Hetzner denies all other traffic, and nodes cannot pull images`,
  ],
  [
    'a way out for one port only',
    (config) => {
      for (const rule of config.networking.allowed_networks.custom_firewall_rules)
        if (rule.direction === 'out' && rule.protocol === 'tcp') rule.port = '443';
    },
    `${AT}: got ["out tcp","out udp"]; allow all outbound tcp to 0.0.0.0/0`,
  ],
  [
    'production that deploys itself',
    (config) => {
      config.auto_deploy = true;
    },
    'auto_deploy: got true; set it to false: production is never deployed automatically',
  ],
  [
    'an even number of masters',
    (config) => {
      config.masters_pool.instance_count = 2;
    },
    'masters_pool.instance_count: got 2; use an odd number: etcd needs a majority, and an even number does not tolerate more failures',
  ],
  [
    'masters that share a location',
    (config) => {
      config.masters_pool.locations = ['fsn1'];
    },
    'masters_pool.locations: got ["fsn1"]; give one location for each master',
  ],
])('%s is refused', (_, change, problem) => {
  const config = clusterConfig('prod');
  change(config);
  expect(() => checkClusterConfig(realEstate, 'prod', config)).toThrow(
    `cluster-config.yaml of environment "prod" is not valid:\n  ${problem}`,
  );
});

test('a field where hetzner-k3s does not look for it is refused', () => {
  const config = { ...clusterConfig('dev'), embedded_registry_mirror: { enabled: true } };
  expect(() => checkClusterConfig(realEstate, 'dev', config)).toThrow('embedded_registry_mirror');
});

test('parts of k3s without endpoints are not monitored: alerts about their absence would always fire', () => {
  const [chart] = parse(
    readFileSync(join(ROOT, 'infrastructure/monitoring/kube-prometheus-stack.helmchart.yaml'), 'utf8'),
  );
  const [values] = parse(chart?.spec.valuesContent) as [Json];
  for (const part of ['kubeControllerManager', 'kubeScheduler', 'kubeProxy'])
    expect(values[part]).toEqual({ enabled: false });
});
