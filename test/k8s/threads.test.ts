import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { render } from '../../manifests/checks/render';
import { storageClassOf } from '../../platforms/schema/cluster';
import { environmentOf, imageRepository } from '../../platforms/schema/define-platform';
import { namespaceOf, projectOf, repositoryOf, vmOf } from '../../platforms/schema/environment';
import { namesOf } from '../../platforms/schema/names';
import { awakeHours } from '../../platforms/schema/power';
import { isUpstream } from '../../platforms/schema/registry';
import { secretsOf } from '../../platforms/schema/secrets';
import threads from '../../platforms/threads/platform';
import { expectGolden } from '../helpers/golden';
import type { Json } from '../helpers/synth';

const TREE = join(__dirname, '../../k8s/threads');
const wave = ({ metadata }: Json) => Number(metadata.annotations?.['argocd.argoproj.io/sync-wave'] ?? 0);
const podOf = ({ kind, spec }: Json): Json => (kind === 'CronJob' ? spec.jobTemplate.spec : spec).template.spec;
const containersOf = (pod: Json): Json[] => [...(pod.initContainers ?? []), ...pod.containers];

describe.each(Object.keys(threads.environments))('%s', (env) => {
  const overlayFolder = join(TREE, 'overlays', env);
  const rendered = render(`k8s/threads/overlays/${env}`);
  const objects: Json[] = parseAllDocuments(rendered).map((document) => document.toJS());
  const find = (kind: string, name: string): Json =>
    objects.find((one) => one.kind === kind && one.metadata.name === name);
  const ofKind = (...kinds: string[]): Json[] => objects.filter(({ kind }) => kinds.includes(kind));
  const workloads = ofKind('Deployment', 'StatefulSet');
  const jobs = ofKind('CronJob');
  const { cluster, delivery, backup, exposure } = environmentOf(threads, env);
  const watched = delivery.kind === 'image-updater';

  test('it renders as its golden file says', () => {
    expectGolden(`k8s/threads-${env}.yaml`, rendered);
  });

  test('a file is named by the object in it', () => {
    const kinds = new Set(objects.map(({ kind }) => kind.toLowerCase()));
    for (const file of readdirSync(join(TREE, 'base')).filter((name) => name !== 'kustomization.yaml')) {
      const documents = parseAllDocuments(readFileSync(join(TREE, 'base', file), 'utf8')).map((one) => one.toJS());
      const [service, kind, ending] = file.split('.');
      expect([...kinds]).toContain(kind);
      expect(ending).toBe('yaml');
      for (const { kind: Kind } of documents) expect(Kind.toLowerCase()).toBe(kind);
      expect([...Object.keys(threads.services), threads.name]).toContain(service);
    }
  });

  test('every image has one tag, in one file', () => {
    const overlay = parseAllDocuments(
      readFileSync(join(overlayFolder, 'kustomization.yaml'), 'utf8'),
    )[0]?.toJS() as Json;
    const images = [...workloads, ...jobs].flatMap((one) => containersOf(podOf(one)).map(({ image }) => image));
    expect([...new Set(images)].sort()).toEqual(
      overlay.images.map(({ name, newTag }: Json) => `${name}:${newTag}`).sort(),
    );
    const built = Object.values(threads.services).filter(({ image }) => !isUpstream(image));
    const own = built.map(({ image }) => imageRepository(threads, image));
    for (const { name, newTag } of overlay.images.filter((one: Json) => own.includes(one.name))) {
      expect(`${name}:${newTag}`).toMatch(/:[0-9a-f]{7}$/);
    }
  });

  test.each(Object.entries(threads.services))('%s is as the platform describes it', (name, service) => {
    const { spec } = find('Service', name);
    expect(spec.ports[0].port).toBe(service.port);
    expect(spec.ports[0].nodePort).toBe(service.nodePort);
    expect(spec.type === 'NodePort').toBe(service.nodePort !== undefined);
    expect(find('PersistentVolumeClaim', name)?.spec.resources.requests.storage).toBe(service.storage);
  });

  test('objects come in the order namespace, store and policies, secrets, database, applications', () => {
    const waves = new Map<number, Set<string>>();
    for (const object of objects) waves.set(wave(object), (waves.get(wave(object)) ?? new Set()).add(object.kind));
    expect(waves.get(-3)).toEqual(new Set(['Namespace']));
    expect(waves.get(-2)).toEqual(new Set(['NetworkPolicy', 'SecretStore']));
    expect(waves.get(-1)).toEqual(new Set(['ExternalSecret']));
    const cron = backup ? ['CronJob'] : [];
    expect(waves.get(0)).toEqual(new Set(['ConfigMap', 'Service', 'PersistentVolumeClaim', 'StatefulSet']));
    expect(waves.get(1)).toEqual(new Set(['Service', 'Deployment', ...cron]));
  });

  test('a claim is not in an earlier wave than the pod that binds it', () => {
    expect(wave(find('PersistentVolumeClaim', 'postgres'))).toBe(wave(find('StatefulSet', 'postgres')));
  });

  test('what holds data is neither pruned nor deleted', () => {
    for (const object of ofKind('Namespace', 'PersistentVolumeClaim')) {
      expect(object.metadata.annotations['argocd.argoproj.io/sync-options']).toBe('Prune=false,Delete=false');
    }
    for (const { spec } of ofKind('ExternalSecret')) {
      expect(spec.target).toMatchObject({ creationPolicy: 'Orphan', deletionPolicy: 'Retain' });
    }
  });

  test('every object is where the project of Argo CD allows it', () => {
    const used = objects.map(({ metadata }) => metadata.namespace).filter(Boolean);
    expect(new Set(used)).toEqual(new Set([namespaceOf(threads, env)]));
  });

  test('a claim names the storage class that its cluster has', () => {
    for (const { spec } of ofKind('PersistentVolumeClaim')) expect(spec.storageClassName).toBe(storageClassOf(cluster));
  });

  test('the secrets are those of the environment in Secret Manager, where it is in Google Cloud', () => {
    const keys = ofKind('ExternalSecret').flatMap(({ spec }) => spec.data.map(({ remoteRef }: Json) => remoteRef.key));
    const stores = ofKind('SecretStore').map(({ spec }) => spec.provider);
    if (cluster.kind === 'k0s-vm') {
      // Layer 02-argocd-app reads the deploy key.
      const read = secretsOf(threads, env).filter((noun) => noun !== 'git-deploy-key');
      expect([...keys].sort()).toEqual(read.map(namesOf('threads', env).secret).sort());
      for (const provider of stores) expect(provider).toEqual({ gcpsm: { projectID: threads.google.project } });
    } else {
      expect(keys).toEqual(threads.secrets);
      expect(stores).toEqual([{ fake: { data: keys.map((key) => ({ key, value: 'local' })) } }]);
    }
  });

  test('a new password of the database is set, by the role that the application signs in as', () => {
    const { containers, volumes } = find('StatefulSet', 'postgres').spec.template.spec;
    const [server, client] = containers;
    expect(client.command).toEqual(['bash', '/etc/postgres-init/databases.sh']);
    expect(client.image).toBe(server.image);
    expect(volumes).toContainEqual({
      name: 'passwords',
      secret: { secretName: 'postgres', items: [{ key: 'password', path: threads.name }] },
    });
    const value = (name: string) => server.env.find((one: Json) => one.name === name);
    expect(value('POSTGRES_USER').value).toBe(threads.name);
    expect(value('POSTGRES_PASSWORD').valueFrom.secretKeyRef).toEqual({ name: 'postgres', key: 'password' });
  });

  test('PostgreSQL 18 finds its volume where it looks for it', () => {
    const [container] = find('StatefulSet', 'postgres').spec.template.spec.containers;
    expect(container.image).toMatch(/:18\./);
    expect(container.volumeMounts[0]).toEqual({ name: 'data', mountPath: '/var/lib/postgresql' });
  });

  test('every pod passes Pod Security restricted, which the namespace enforces', () => {
    expect(find('Namespace', 'threads').metadata.labels['pod-security.kubernetes.io/enforce']).toBe('restricted');
    for (const pod of [...workloads, ...jobs].map(podOf)) {
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      for (const { securityContext } of containersOf(pod)) {
        expect(securityContext).toMatchObject({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } });
      }
    }
  });

  test('every container has probes, a memory request and a memory limit', () => {
    for (const { spec } of workloads) {
      const [container] = spec.template.spec.containers;
      expect(container).toMatchObject({ readinessProbe: {}, livenessProbe: {} });
      expect(Object.keys(container.resources.requests)).toEqual(['cpu', 'memory']);
      expect(container.resources.limits.memory).toBeDefined();
    }
  });

  test('the requests of all pods, and in production their limits, fit on the node next to the platform', () => {
    const mebibytes = (text: string) => Number.parseInt(text, 10) * (text.endsWith('Gi') ? 1024 : 1);
    // Containers that come first are gone when the others start: a pod takes what the largest of them does.
    const takes = (what: 'requests' | 'limits') => (one: Json) =>
      Math.max(...containersOf(podOf(one)).map(({ resources }) => mebibytes(resources[what].memory)));
    // Jobs run one after the other.
    const total = (what: 'requests' | 'limits') =>
      workloads
        .map((one) => (one.spec.replicas ?? 1) * takes(what)(one))
        .reduce((sum, one) => sum + one, Math.max(0, ...jobs.map(takes(what))));
    // e2-medium has 4 GiB, of which k0s and the platform ask for less than three.
    if (cluster.kind !== 'k0s-vm' || cluster.machineType === 'e2-medium')
      return expect(total('requests')).toBeLessThanOrEqual(1024);
    // e2-standard-2 has 8 GiB, of which the platform itself is left five.
    expect(cluster.machineType).toBe('e2-standard-2');
    expect(total('limits')).toBeLessThanOrEqual(3 * 1024);
  });

  test('no pod reaches the metadata server', () => {
    const policies = ofKind('NetworkPolicy');
    expect(find('NetworkPolicy', 'default-deny').spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    const blocks = policies.flatMap(({ spec }) =>
      (spec.egress ?? []).flatMap(({ to }: Json) => to.flatMap((one: Json) => one.ipBlock ?? [])),
    );
    expect(blocks).toHaveLength(1 + Number(exposure.kind === 'tunnel') + Number(backup !== undefined));
    for (const { except } of blocks) expect(except).toContain('169.254.0.0/16');
    for (const { spec } of policies) for (const rule of spec.egress ?? []) expect(rule.to.length).toBeGreaterThan(0);
  });

  test('pods of every workload have the labels of their environment and provider', () => {
    for (const { spec } of workloads) {
      expect(spec.template.metadata.labels).toMatchObject({
        environment: env,
        provider: cluster.kind === 'k0s-vm' ? 'gcp' : 'kind',
      });
      expect(spec.selector.matchLabels).toEqual({ 'app.kubernetes.io/name': expect.any(String) });
    }
  });

  if (!backup)
    test('nothing is dumped in environments without `backup`', () => {
      expect(jobs).toEqual([]);
    });
  else
    describe('its backup', () => {
      const [dump, restore] = ['postgres-backup', 'postgres-restore-test'].map((name) => find('CronJob', name));
      const settings = (name: string): Json =>
        ofKind('ConfigMap').find((one) => one.metadata.name.startsWith(name)).data;

      test('goes to the bucket that 00-vpc makes, as Cloud Storage takes requests of S3', () => {
        expect(settings('object-storage')).toMatchObject({
          BUCKET: namesOf(threads.name, env).bucket(projectOf(threads), 'backups'),
          RCLONE_CONFIG_STORAGE_PROVIDER: 'GCS',
          RCLONE_CONFIG_STORAGE_ENDPOINT: 'https://storage.googleapis.com',
        });
      });

      test('dumps the database that the application uses, by the password that it has', () => {
        const [server] = podOf(find('StatefulSet', 'postgres')).containers;
        const value = (name: string) => server.env.find((one: Json) => one.name === name);
        const { PGHOST, PGUSER, DATABASES } = settings('postgres-backup-');
        expect([PGHOST, PGUSER, DATABASES]).toEqual([
          find('Service', 'postgres').metadata.name,
          value('POSTGRES_USER').value,
          value('POSTGRES_DB').value,
        ]);
        const [client] = podOf(dump).initContainers;
        expect(client.env[0].valueFrom).toEqual(value('POSTGRES_PASSWORD').valueFrom);
        expect(client.image).toBe(server.image);
        expect(podOf(restore).containers[0].image).toBe(server.image);
      });

      test('is taken and tried while the VM is awake', () => {
        const { power } = vmOf(threads, env);
        for (const { spec } of [dump, restore]) {
          const [minute, hour] = spec.schedule.split(' ').map(Number);
          const at = new Intl.DateTimeFormat('en', { timeZone: power?.timeZone, hour: 'numeric', hourCycle: 'h23' });
          expect(spec.timeZone).toBe('Etc/UTC');
          if (power) expect(awakeHours(power)).toContain(Number(at.format(Date.UTC(2026, 0, 1, hour, minute))));
        }
      });
    });

  if (watched)
    test('Image Updater watches every own image and writes where the Application reads', () => {
      const watcher = render(`k8s/threads/overlays/${env}/image-updater`);
      expectGolden(`k8s/threads-${env}-image-updater.yaml`, watcher);
      const { spec } = parse(watcher) as Json;
      const own = Object.values(threads.services).filter(({ image }) => !isUpstream(image));
      const [{ images, namePattern }] = spec.applicationRefs;
      expect(namePattern).toBe(threads.name);
      expect(images.map(({ imageName }: Json) => imageName)).toEqual(
        own.map(({ image }) => imageRepository(threads, image)),
      );
      for (const { imageName, manifestTargets } of images) expect(manifestTargets.kustomize.name).toBe(imageName);
      const { method, gitConfig } = spec.writeBackConfig;
      expect(gitConfig).toMatchObject({ branch: repositoryOf(threads, env).branch, writeBackTarget: 'kustomization' });
      // Other forms of credentials do not verify the server's host key.
      expect(method).toBe('git:repocreds');
    });
});

test('what leaves for the internet reaches no private network and no metadata server', () => {
  const objects = parseAllDocuments(render('k8s/threads/overlays/prod')).map((document) => document.toJS() as Json);
  const blocks = objects
    .flatMap(({ kind, spec }) => (kind === 'NetworkPolicy' ? (spec.egress ?? []) : []))
    .flatMap(({ to = [] }: Json) => to.flatMap(({ ipBlock }: Json) => ipBlock ?? []));
  expect(blocks.length).toBeGreaterThan(0);
  for (const { except } of blocks)
    expect(except).toEqual(['169.254.0.0/16', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16']);
});

test('Image Updater takes tags of commits only', () => {
  const file = join(TREE, 'overlays/staging/image-updater/threads.imageupdater.yaml');
  const { allowTags } = parse(readFileSync(file, 'utf8')).spec.commonUpdateSettings;
  const pattern = new RegExp(allowTags.replace('regexp:', ''));
  expect(['8caff6f', 'latest', 'main', '8caff6f-debug', '8caff6'].filter((tag) => pattern.test(tag))).toEqual([
    '8caff6f',
  ]);
});
