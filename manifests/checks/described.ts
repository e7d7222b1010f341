import { environmentOf, imageRepository } from '../../platforms/schema/define-platform';
import { applicationOf, namespaceOf, projectOf, repositoryOf } from '../../platforms/schema/environment';
import { namesOf } from '../../platforms/schema/names';
import { isUpstream } from '../../platforms/schema/registry';
import { applicationSecrets, secretsOf } from '../../platforms/schema/secrets';
import type { Json } from '../json';
import { ownImageOf } from '../own-image';
import { containersOf, podsOf } from './pods';
import { type Check, type Environment, originOf, type Problem } from './problem';
import { hasPort } from './workloads';

/** Trees match the platform's description: project, repository, branch, namespace, services, secrets, buckets. */
export const described: Check = (objects, environment) =>
  [project, repository, imageUpdater, namespace, services, exposure, secrets, placeholders, bucket].flatMap((check) =>
    check(objects, environment),
  );

const project: Check = (objects, { description }) =>
  ofKind(objects, 'SecretStore')
    .filter(({ spec }) => spec.provider.gcpsm)
    .flatMap((object) =>
      differs(object, 'spec.provider.gcpsm.projectID', projectOf(description), 'the project of the platform'),
    );

const repository: Check = (objects, { description, env }) => {
  const { url, branch } = repositoryOf(description, env);
  return ofKind(objects, 'Application')
    .filter(({ spec }) => spec.source.path)
    .flatMap((object) => [
      ...differs(object, 'spec.source.repoURL', url, 'the repository of the platform'),
      ...differs(object, 'spec.source.targetRevision', branch, 'the branch of the environment'),
      ...followsOther(object, env),
    ]);
};

/** An Application that follows the overlay of another environment. */
function followsOther(object: Json, env: string): Problem[] {
  const [, other] = /\/overlays\/([^/]+)/.exec(object.spec.source.path) ?? [];
  if (other === undefined || other === env) return [];
  return [
    {
      object,
      path: 'spec.source.path',
      wrong: `got the overlay of environment "${other}"`,
      fix: `use the overlay of environment "${env}"`,
    },
  ];
}

/** Image Updater watches every own image, and writes where the Application reads. */
const imageUpdater: Check = (objects, { description, env }) => {
  const own = Object.values(description.services)
    .filter(({ image }) => !isUpstream(image))
    .map(({ image }) => imageRepository(description, image));
  const { url, branch } = repositoryOf(description, env);
  return ofKind(objects, 'ImageUpdater').flatMap((object): Problem[] => {
    const watched = object.spec.applicationRefs.flatMap(({ images }: Json) => images);
    const unwatched = own.filter((one) => !watched.some(({ imageName }: Json) => imageName === one));
    return [
      ...unwatched.map((one) => ({
        object,
        path: 'spec.applicationRefs',
        wrong: `image ${one} is not watched`,
        fix: 'add it to `images`',
      })),
      ...watched
        .filter(({ imageName, manifestTargets }: Json) => manifestTargets?.kustomize.name !== imageName)
        .map(({ imageName }: Json) => ({
          object,
          path: 'spec.applicationRefs',
          wrong: `Image Updater writes image ${imageName} to another \`images:\` entry`,
          fix: `set manifestTargets.kustomize.name to ${imageName}`,
        })),
      ...differs(object, 'spec.applicationRefs.0.namePattern', applicationOf(description, env), 'the Application'),
      ...differs(object, 'spec.writeBackConfig.gitConfig.repository', sshOf(url), 'the repository of the platform'),
      ...differs(object, 'spec.writeBackConfig.gitConfig.branch', branch, 'the branch of the environment'),
      ...differs(object, 'spec.writeBackConfig.gitConfig.writeBackTarget', 'kustomization', 'the file with the tags'),
      // Other forms of credentials do not verify the server's host key.
      ...differs(object, 'spec.writeBackConfig.method', 'git:repocreds', 'the deploy key of 02-argocd-app'),
    ];
  });
};

/** The SSH URL for a deploy key: `git@github.com:owner/name.git`. */
export function sshOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `git@${host}:${pathname.slice(1)}`;
}

/** The application's objects are in its namespace, the only one that its AppProject allows. */
const namespace: Check = (objects, { description, env }) => {
  const { path, holds } = repositoryOf(description, env);
  if (holds !== 'manifests') return [];
  return objects
    .filter((object) => originOf(object) === path && object.metadata.namespace !== undefined)
    .flatMap((object) =>
      differs(object, 'metadata.namespace', namespaceOf(description, env), 'the namespace of the application'),
    );
};

/** Workloads, Services and claims match `services`. */
const services: Check = (objects, { description }) =>
  Object.entries(description.services).flatMap(([name, service]): Problem[] => {
    const named = (...kinds: string[]) =>
      objects.find(({ kind, metadata }) => kinds.includes(kind) && metadata.name === name);
    const workload = named('Deployment', 'StatefulSet', 'Cluster');
    if (!workload) {
      const object = objects.find(({ kind }) => kind === 'Namespace') ?? objects[0];
      const fix = `add a Deployment or StatefulSet with that name, or remove the service from the platform`;
      return object ? [{ object, path: '', wrong: `no workload runs service "${name}"`, fix }] : [];
    }
    const image = imageRepository(description, service.image);
    const containers = podsOf([workload]).flatMap(containersOf);
    const main = containers.find(({ container }) => repositoryIn(container.image) === image);
    const front = named('Service');
    const claim = named('PersistentVolumeClaim');
    return [
      ...(containers.length &&
      !main &&
      !containers.some(({ container }) => ownImageOf(description, repositoryIn(container.image)) === image)
        ? [
            {
              object: workload,
              path: `${containers[0]?.path}.image`,
              wrong: `got ${containers.map(({ container }) => container.image).join(', ')}`,
              fix: `use ${image}, the image of service "${name}"`,
            },
          ]
        : []),
      ...(main && !hasPort(main.container, service.port)
        ? [
            {
              object: workload,
              path: `${main.path}.ports`,
              wrong: `got ${JSON.stringify(main.container.ports)}`,
              fix: `use containerPort ${service.port}, the port of service "${name}"`,
            },
          ]
        : []),
      ...(front && front.spec.clusterIP !== 'None'
        ? [
            ...differs(front, 'spec.ports.0.port', service.port, `the port of service "${name}"`),
            ...differs(front, 'spec.ports.0.nodePort', service.nodePort, `the nodePort of service "${name}"`),
          ]
        : []),
      ...(claim ? differs(claim, 'spec.resources.requests.storage', service.storage, `the storage of "${name}"`) : []),
    ];
  });

/** cloudflared runs exactly where the environment uses a tunnel. */
const exposure: Check = (objects, { description, env, overlays, platform }) => {
  const { kind } = environmentOf(description, env).exposure;
  const client = objects.find(({ kind: of, metadata }) => of === 'Deployment' && metadata.name === 'cloudflared');
  const [first] = objects.filter((object) => originOf(object) === `k8s/${platform}/${overlays[0]}`);
  if (kind === 'tunnel' && !client && first)
    return [
      {
        object: first,
        path: '',
        wrong: 'no Deployment "cloudflared"',
        fix: 'add it, or change `exposure` of the environment',
      },
    ];
  if (kind === 'tunnel' || !client) return [];
  const fix = `remove it, or set \`exposure\` of the environment to "tunnel"; it is "${kind}"`;
  return [{ object: client, path: 'metadata.name', wrong: 'the environment has no tunnel', fix }];
};

/** The trees read exactly the secrets of the description. */
const secrets: Check = (objects, environment) => {
  if (isApplied(environment)) return [];
  const { description, env } = environment;
  const known = secretsIn(environment);
  const prefix = `${description.name}-${env}-`;
  const stores = ofKind(objects, 'SecretStore').filter(({ spec }) => spec.provider.gcpsm);
  const read = ofKind(objects, 'ExternalSecret').flatMap((object) =>
    object.spec.data.map(({ secretKey, remoteRef }: Json) => ({ object, secretKey, key: remoteRef.key as string })),
  );
  const fromGoogle = read.filter(({ object }) =>
    stores.some(
      ({ metadata }) =>
        metadata.name === object.spec.secretStoreRef.name && metadata.namespace === object.metadata.namespace,
    ),
  );
  const foreign = fromGoogle.filter(({ key }) => !known.some((one) => key === prefix + one));
  // Layer 02-argocd-app reads the deploy key.
  const unread = known.filter((one) => one !== 'git-deploy-key' && !read.some(({ key }) => key === prefix + one));
  const [place] = [...ofKind(objects, 'SecretStore'), ...objects];
  return [
    ...foreign.map(({ object, secretKey, key }) => ({
      object,
      path: `spec.data[${secretKey}].remoteRef.key`,
      wrong: `got "${key}"`,
      fix: `use one of ${known.map((one) => prefix + one).join(', ')}, or add it to \`secrets\` of the platform`,
    })),
    ...unread.map((one) => ({
      object: place,
      path: '',
      wrong: `no ExternalSecret reads secret "${prefix}${one}"`,
      fix: `add one, or remove "${one}" from \`secrets\` of the platform`,
    })),
  ];
};

/** The value in a Secret until CI replaces it. */
const PLACEHOLDER = 'StrongBase64Password';

/** Slack's address is the same for everybody; an incoming webhook's is a password. Alertmanager reads both from a Secret. */
const SLACK = 'https://slack.com/api/chat.postMessage';

/** Secrets in Git are templates for CI, and only where CI applies: Argo CD would write the placeholder into the cluster. */
const placeholders: Check = (objects, environment) => {
  const templates = ofKind(objects, 'Secret').flatMap((object) =>
    Object.entries({ ...object.data, ...object.stringData }).map(([key, value]) => ({ object, key, value })),
  );
  const byCi = isApplied(environment);
  const known = secretsIn(environment);
  const nouns = templates
    .filter(({ value }) => value === PLACEHOLDER)
    .map(({ object, key }) => `${object.metadata.name}-${key}`);
  return [
    ...templates
      .filter(({ key, value }) => key !== 'username' && value !== PLACEHOLDER && value !== SLACK)
      .map(({ object, key }) => ({
        object,
        path: `stringData["${key}"]`,
        wrong: 'it contains a value',
        fix: `write "${PLACEHOLDER}", which CI replaces: everyone with access to Git can read a value there`,
      })),
    ...templates
      .filter(() => !byCi)
      .map(({ object }) => ({
        object,
        path: 'kind',
        wrong: 'Argo CD would overwrite the password with the placeholder',
        fix: 'use an ExternalSecret',
      })),
    ...(byCi
      ? known
          .filter((one) => !nouns.includes(one))
          .map((one) => ({
            object: templates[0]?.object ?? objects[0],
            path: '',
            wrong: `no Secret has a placeholder for secret "${one}"`,
            fix: `add one, or remove "${one}" from \`secrets\` of the environment`,
          }))
      : []),
    ...(byCi
      ? [...new Set(nouns)]
          .filter((one) => !known.includes(one))
          .map((one) => ({
            object: templates.find(({ object, key }) => `${object.metadata.name}-${key}` === one)?.object,
            path: 'metadata.name',
            wrong: `secret "${one}" is not one of the environment`,
            fix: `add "${one}" to \`secrets\` of the platform, or remove it here`,
          }))
      : []),
  ];
};

/** True if CI applies the deployment. A platform may have another one, for a delivery that the environment does not use yet. */
function isApplied(environment: Environment): boolean {
  const { delivery } = environmentOf(environment.description, environment.env);
  return (delivery.kind === 'push-apply') === isActive(environment);
}

/** True if the environment is delivered from the deployment. */
export function isActive({ description, env, platform, overlays }: Environment): boolean {
  const { path } = repositoryOf(description, env);
  return overlays.some((overlay) => `k8s/${platform}/${overlay}` === path);
}

/** The secrets that the trees of a deployment read, by their short names. */
function secretsIn(environment: Environment): readonly string[] {
  const { description, env } = environment;
  const byArgoCd = isActive(environment) && !isApplied(environment);
  return byArgoCd ? secretsOf(description, env) : applicationSecrets(description, environmentOf(description, env));
}

/** Dumps go to the bucket that 00-vpc creates, if the environment has `backup`. */
const bucket: Check = (objects, { description, env }) => {
  const { backup, cluster } = environmentOf(description, env);
  if (cluster.kind !== 'k0s-vm') return [];
  const dumps = ofKind(objects, 'CronJob').filter(({ metadata }) => metadata.name.endsWith('-backup'));
  const [place] = objects;
  if (backup && !dumps.length)
    return [
      {
        object: place,
        path: '',
        wrong: 'no CronJob dumps the database',
        fix: 'add resource `../../backup`, or remove `backup` of the environment',
      },
    ];
  if (!backup)
    return dumps.map((object) => ({
      object,
      path: 'metadata.name',
      wrong: 'the environment has no bucket for dumps',
      fix: 'remove it, or give the environment `backup`',
    }));
  const wanted = namesOf(description.name, env).bucket(projectOf(description), 'backups');
  return ofKind(objects, 'ConfigMap')
    .filter(({ data }) => data?.BUCKET !== undefined)
    .flatMap((object) => differs(object, 'data.BUCKET', wanted, 'the bucket of 00-vpc'));
};

/** Reports a field that differs from the description. */
function differs(object: Json, path: string, wanted: unknown, whose: string): Problem[] {
  const got = path.split('.').reduce((node, key) => node?.[key], object);
  if (got === wanted) return [];
  const fix = wanted === undefined ? `remove it: ${whose} is not set` : `use ${JSON.stringify(wanted)}, ${whose}`;
  return [{ object, path, wrong: `got ${JSON.stringify(got)}`, fix }];
}

function repositoryIn(image: string): string {
  return image.replace(/:[^:/]+$/, '');
}

function ofKind(objects: readonly Json[], kind: string): Json[] {
  return objects.filter((one) => one.kind === kind);
}
