import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../../../kubernetes/api-server/cluster';
import type { Clusters } from '../../../kubernetes/clusters/clusters';
import { kubernetesProvider } from '../../../kubernetes/provider/provider';
import { manifestResource } from '../../../kubernetes/provider/resource-manifest';
import type { Values } from '../../../protocol/values';
import { Ground } from '../../protocol/ground';
import { MACHINE, power, startCluster } from '../ground';

let ground: Ground;
let clusters: Clusters;
let cluster: Cluster;

const PROVIDER = `
  terraform {
    required_providers {
      kubernetes = { source = "hashicorp/kubernetes" }
    }
  }
  provider "kubernetes" { config_path = "~/kubeconfig" }
`;

beforeEach(async () => {
  ground = await Ground.open([kubernetesProvider({ fromKubeconfig: (...args) => clusters.fromKubeconfig(...args) })]);
  ({ clusters, cluster } = startCluster(ground.world));
  await cluster.settled();
  writeFileSync(join(ground.folder, 'kubeconfig'), clusters.kubeconfig(MACHINE, 'http://127.0.0.1:1'));
});
afterEach(() => ground.close());

const PLATFORM = `${PROVIDER}
  resource "kubernetes_namespace_v1" "shop" {
    metadata {
      name   = "shop"
      labels = { team = "a" }
    }
  }
  resource "kubernetes_service_account_v1" "app" {
    metadata {
      name      = "app"
      namespace = kubernetes_namespace_v1.shop.metadata[0].name
    }
  }
  resource "kubernetes_cluster_role_v1" "reader" {
    metadata { name = "reader" }
    rule {
      api_groups = [""]
      resources  = ["pods", "nodes"]
      verbs      = ["get", "list"]
    }
  }
  resource "kubernetes_cluster_role_binding_v1" "reader" {
    metadata { name = "reader" }
    role_ref {
      api_group = "rbac.authorization.k8s.io"
      kind      = "ClusterRole"
      name      = kubernetes_cluster_role_v1.reader.metadata[0].name
    }
    subject {
      kind      = "ServiceAccount"
      name      = kubernetes_service_account_v1.app.metadata[0].name
      namespace = "shop"
    }
  }
  resource "kubernetes_storage_class_v1" "fast" {
    metadata {
      name        = "fast"
      annotations = { "storageclass.kubernetes.io/is-default-class" = "true" }
    }
    storage_provisioner = "rancher.io/local-path"
    volume_binding_mode = "WaitForFirstConsumer"
    reclaim_policy      = "Retain"
  }
  resource "kubernetes_config_map_v1" "settings" {
    metadata {
      name      = "settings"
      namespace = kubernetes_namespace_v1.shop.metadata[0].name
    }
    data = { "config.json" = "{}" }
  }
  resource "kubernetes_secret_v1" "password" {
    metadata {
      name      = "password"
      namespace = kubernetes_namespace_v1.shop.metadata[0].name
    }
    data = { word = "open sesame" }
  }
  resource "kubernetes_persistent_volume_claim_v1" "data" {
    metadata {
      name      = "data"
      namespace = kubernetes_namespace_v1.shop.metadata[0].name
    }
    spec {
      access_modes = ["ReadWriteOnce"]
      resources { requests = { storage = "1Gi" } }
      storage_class_name = kubernetes_storage_class_v1.fast.metadata[0].name
    }
    wait_until_bound = false
  }
  resource "kubernetes_service_v1" "web" {
    metadata {
      name      = "web"
      namespace = kubernetes_namespace_v1.shop.metadata[0].name
    }
    spec {
      selector = { app = "web" }
      type     = "NodePort"
      port {
        name        = "http"
        port        = 80
        target_port = "http"
      }
    }
  }
  resource "kubernetes_deployment_v1" "web" {
    metadata {
      name      = "web"
      namespace = kubernetes_namespace_v1.shop.metadata[0].name
    }
    spec {
      replicas = "2"
      selector { match_labels = { app = "web" } }
      strategy {
        type = "RollingUpdate"
        rolling_update { max_surge = "1" }
      }
      template {
        metadata { labels = { app = "web" } }
        spec {
          service_account_name = kubernetes_service_account_v1.app.metadata[0].name
          security_context {
            run_as_user = "65534"
            fs_group    = "65534"
          }
          container {
            name  = "web"
            image = "registry.test/app:1"
            env {
              name = "WORD"
              value_from {
                secret_key_ref {
                  name = kubernetes_secret_v1.password.metadata[0].name
                  key  = "word"
                }
              }
            }
            port { container_port = 8080 }
            liveness_probe {
              http_get {
                path = "/"
                port = "8080"
              }
            }
            volume_mount {
              name       = "config"
              mount_path = "/etc/config"
            }
          }
          volume {
            name = "config"
            config_map {
              name         = kubernetes_config_map_v1.settings.metadata[0].name
              default_mode = "0440"
            }
          }
          volume {
            name = "scratch"
            empty_dir {}
          }
        }
      }
    }
  }
`;

test('a platform of every kind comes up, plans empty, and goes away again', async () => {
  const stdout = await ground.apply(PLATFORM);
  expect(stdout).toContain('Apply complete! Resources: 10 added');
  expect(stdout).not.toContain('open sesame');
  expect(await ground.isSettled()).toBe(true);

  expect(cluster.get({ group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web' })?.['spec']).toMatchObject({
    replicas: 2,
    strategy: { rollingUpdate: { maxSurge: 1 } },
    template: {
      spec: {
        serviceAccountName: 'app',
        securityContext: { runAsUser: 65534 },
        containers: [
          {
            env: [{ name: 'WORD', valueFrom: { secretKeyRef: { name: 'password', key: 'word' } } }],
            ports: [{ containerPort: 8080 }],
            livenessProbe: { httpGet: { path: '/', port: 8080 } },
          },
        ],
        volumes: [{ configMap: { name: 'settings', defaultMode: 0o440 } }, { name: 'scratch', emptyDir: {} }],
      },
    },
  });
  expect(cluster.workloadRuns('shop', 'web')).toBe(true);
  expect(cluster.get({ group: '', kind: 'Service', namespace: 'shop', name: 'web' })).toMatchObject({
    spec: { clusterIP: expect.stringMatching(/^10\.96\./), ports: [{ targetPort: 'http', nodePort: 30000 }] },
  });
  expect((await ground.state('kubernetes_namespace_v1.shop'))['metadata']).toMatchObject([
    { name: 'shop', labels: { team: 'a' } },
  ]);

  expect((await ground.passes('destroy', '-auto-approve')).stdout).toContain('10 destroyed');
  expect(cluster.get({ group: '', kind: 'Namespace', name: 'shop' })).toBeUndefined();
});

const NAMESPACE = `
  resource "kubernetes_namespace_v1" "a" {
    metadata { name = "a" }
  }
`;
const WEB = (image: string) => `
  resource "kubernetes_deployment_v1" "web" {
    metadata { name = "web" }
    spec {
      selector { match_labels = { app = "web" } }
      template {
        metadata { labels = { app = "web" } }
        spec {
          container {
            name  = "web"
            image = "${image}"
          }
        }
      }
    }
  }
`;

test('a rollout that never becomes ready fails after its deadline, with what its pod says', async () => {
  const before = ground.world.clock.now();
  ground.write(PROVIDER + WEB('registry.test/app:typo'));
  const error = await ground.fails('apply', '-auto-approve');
  expect(error).toContain('Deployment "web" exceeded its progress deadline');
  expect(error).toContain('container web: ImagePullBackOff');
  expect(ground.world.clock.now() - before).toBeGreaterThanOrEqual(600_000);
});

test('what was created and never becomes ready is in the state, and the next apply replaces it', async () => {
  ground.write(PROVIDER + WEB('registry.test/app:typo'));
  await ground.fails('apply', '-auto-approve');
  expect((await ground.passes('state', 'list')).stdout).toContain('kubernetes_deployment_v1.web');
  ground.write(PROVIDER + WEB('docker.io/library/nginx:1'));
  expect((await ground.passes('plan')).stdout).toContain('is tainted, so must be replaced');
  expect(await ground.apply(PROVIDER + WEB('docker.io/library/nginx:1'))).toContain('1 added, 0 changed, 1 destroyed');
});

test('a new image rolls out in place', async () => {
  await ground.apply(PROVIDER + WEB('docker.io/library/nginx:1'));
  expect(await ground.apply(PROVIDER + WEB('docker.io/library/nginx:2'))).toContain('0 added, 1 changed, 0 destroyed');
  const pods = cluster
    .list('', 'Pod', 'default')
    .map((pod) => (pod['spec'] as { containers: unknown[] }).containers[0]);
  expect(pods).toMatchObject([{ image: 'docker.io/library/nginx:2' }]);
});

test('a namespace that is not there is refused', async () => {
  ground.write(`${PROVIDER}
    resource "kubernetes_config_map_v1" "a" {
      metadata {
        name      = "a"
        namespace = "nowhere"
      }
    }`);
  expect(await ground.fails('apply', '-auto-approve')).toContain('namespaces "nowhere" not found');
});

test('a name that is taken is refused', async () => {
  cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } });
  ground.write(PROVIDER + NAMESPACE);
  expect(await ground.fails('apply', '-auto-approve')).toContain('namespaces "a" already exists');
});

test('a machine that is off refuses every call', async () => {
  await ground.apply(PROVIDER + NAMESPACE);
  power(ground.world, 'stopped');
  expect(await ground.fails('plan')).toContain(
    'Get "https://10.0.0.2:6443/api/v1/namespaces/a": dial tcp 10.0.0.2:6443: connect: connection refused',
  );
});

test('a machine whose address is not in its certificate is not trusted', async () => {
  const machine = ground.world.data.machines[MACHINE];
  if (machine) Object.assign(machine, { address: '10.0.0.9' });
  ground.write(PROVIDER + NAMESPACE);
  expect(await ground.fails('apply', '-auto-approve')).toContain(
    'x509: certificate is valid for 10.0.0.2, localhost, not 10.0.0.9',
  );
});

test('a kubeconfig that is not there is refused', async () => {
  ground.write(PROVIDER.replace('~/kubeconfig', '~/elsewhere') + NAMESPACE);
  expect(await ground.fails('plan')).toMatch(
    /'config_path' refers to an invalid path: ".*elsewhere": stat .*elsewhere: no such file or directory/,
  );
});

test('a context that does not exist is refused', async () => {
  ground.write(
    PROVIDER.replace('config_path', 'config_context = "other"\n config_path')
      .replace(/\{ (config_context)/, '{\n$1')
      .replace('kubeconfig" }', 'kubeconfig"\n}') + NAMESPACE,
  );
  expect(await ground.fails('apply', '-auto-approve')).toContain('context "other" does not exist');
});

test('without any configuration the provider talks to localhost', async () => {
  ground.write(PROVIDER.replace('config_path = "~/kubeconfig"', '') + NAMESPACE);
  expect(await ground.fails('apply', '-auto-approve')).toContain('dial tcp 127.0.0.1:80: connect: connection refused');
});

test('what others change is drift, and what they add is not', async () => {
  const config = `${PROVIDER}
    resource "kubernetes_config_map_v1" "a" {
      metadata {
        name   = "a"
        labels = { mine = "1" }
      }
      data = { key = "mine" }
    }`;
  await ground.apply(config);
  const ref = { group: '', kind: 'ConfigMap', namespace: 'default', name: 'a' };
  const now = cluster.get(ref);
  if (!now) throw new Error('no ConfigMap');
  cluster.apply({ ...now, metadata: { ...now.metadata, labels: { mine: '1', theirs: '2' } } });
  expect(await ground.isSettled()).toBe(true);
  cluster.apply({ ...now, ...cluster.get(ref), data: { key: 'theirs' } });
  expect(await ground.isSettled()).toBe(false);
  await ground.apply(config);
  expect(cluster.get(ref)).toMatchObject({ data: { key: 'mine' }, metadata: { labels: { theirs: '2' } } });
});

test('a secret keeps its values out of plans and base64 in the cluster', async () => {
  const config = (word: string) => `${PROVIDER}
    resource "kubernetes_secret_v1" "a" {
      metadata { name = "a" }
      data = { word = "${word}" }
    }`;
  await ground.apply(config('sesame'));
  const secret = cluster.get({ group: '', kind: 'Secret', namespace: 'default', name: 'a' });
  expect(secret?.['data']).toEqual({ word: Buffer.from('sesame').toString('base64') });
  ground.write(config('abracadabra'));
  const { stdout } = await ground.passes('plan');
  expect(stdout).toContain('1 to change');
  expect(stdout).not.toMatch(/sesame|abracadabra/);
});

describe('kubernetes_manifest', () => {
  const configMap = (content: Values): Values => ({
    manifest: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' }, ...content },
  });
  const context = () => ({
    world: ground.world,
    provider: { config_path: join(ground.folder, 'kubeconfig') },
    home: '',
  });
  const resource = manifestResource({ fromKubeconfig: (...args) => clusters.fromKubeconfig(...args) });

  test('a field that the kind does not have is refused at plan', () => {
    expect(() => resource.plan?.(configMap({ date: { a: '1' } }), null, context())).toThrow(
      'Manifest configuration incompatible with resource schema: Attribute not found in schema: Unable to find schema type for attribute: object.date',
    );
    expect(() => resource.plan?.(configMap({ immutable: 'perhaps' }), null, context())).toThrow(
      'object.immutable: required type boolean',
    );
  });

  test('texts and numbers are converted to the type of their field', async () => {
    await resource.create(configMap({ data: { port: 8080 }, immutable: 'false' }), context());
    const ref = { group: '', kind: 'ConfigMap', namespace: 'default', name: 'a' };
    expect(cluster.get(ref)).toMatchObject({ data: { port: '8080' }, immutable: false });
  });

  const manifest = (colour: string, name = 'a') => `${PROVIDER}
    resource "kubernetes_manifest" "crayon" {
      manifest = {
        apiVersion = "art.test/v1"
        kind       = "Crayon"
        metadata   = { name = "${name}", namespace = "default" }
        spec       = { colour = "${colour}", sizes = [1, 2] }
      }
    }`;
  const define = () =>
    cluster.apply({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'crayons.art.test' },
      spec: {
        group: 'art.test',
        scope: 'Namespaced',
        names: { kind: 'Crayon', plural: 'crayons' },
        versions: [{ name: 'v1', served: true, storage: true }],
      },
    });
  const ref = { group: 'art.test', kind: 'Crayon', namespace: 'default', name: 'a' };

  test('a kind without its CRD is refused at plan', async () => {
    ground.write(manifest('red'));
    expect(await ground.fails('plan')).toMatch(
      /API did not recognize GroupVersionKind from manifest \(CRD may not be installed\).*no matches for kind "Crayon" in group "art.test"/,
    );
  });

  test('a machine that is off refuses the plan', async () => {
    define();
    power(ground.world, 'stopped');
    ground.write(manifest('red'));
    expect(await ground.fails('plan')).toContain('https://10.0.0.2:6443/apis?timeout=32s": dial tcp 10.0.0.2:6443');
  });

  test('it is created, plans empty, changes in place, heals drift, and is replaced under another name', async () => {
    define();
    await ground.apply(manifest('red'));
    expect(cluster.get(ref)).toMatchObject({ spec: { colour: 'red', sizes: [1, 2] } });
    expect(await ground.isSettled()).toBe(true);
    expect(await ground.apply(manifest('blue'))).toContain('0 added, 1 changed, 0 destroyed');
    const now = cluster.get(ref);
    if (now) cluster.apply({ ...now, spec: { colour: 'green', sizes: [1, 2] } });
    expect(await ground.isSettled()).toBe(false);
    await ground.passes('apply', '-auto-approve');
    expect(cluster.get(ref)).toMatchObject({ spec: { colour: 'blue' } });
    expect(await ground.apply(manifest('blue', 'b'))).toContain('1 added, 0 changed, 1 destroyed');
    expect(cluster.get(ref)).toBeUndefined();
  });

  test('a finalizer whose controller is gone holds up the destruction until it times out', async () => {
    define();
    await ground.apply(manifest('red'));
    const now = cluster.get(ref);
    if (now) cluster.apply({ ...now, metadata: { ...now.metadata, finalizers: ['art.test/frame'] } });
    expect(await ground.fails('destroy', '-auto-approve')).toMatch(
      /timeout while waiting for resource to be gone.*art.test\/frame/,
    );
  });
});
