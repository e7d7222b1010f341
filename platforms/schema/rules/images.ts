import { architectureOf } from '../cluster';
import type { Environment } from '../form';
import { isUpstream } from '../registry';
import type { Rule } from './rule';

/** Rules for images: they must exist, be readable from the cluster, and run on its nodes. */
export const IMAGE_RULES: readonly Rule[] = [
  {
    reads: ['environments', 'services.*.architectures'],
    check: ({ environments, services }, refuse) => {
      for (const [name, { architectures = ['amd64'] }] of Object.entries(services)) {
        const other = Object.entries(environments).filter(
          ([, { cluster }]) => !architectures.includes(architectureOf(cluster)),
        );
        for (const needed of new Set(other.map(([, { cluster }]) => architectureOf(cluster)))) {
          const where = other.filter(([, { cluster }]) => architectureOf(cluster) === needed).map(machineOf);
          refuse(
            ['services', name, 'architectures'],
            `nodes of ${where.join(', ')} are ${needed}; build the image for ${needed} too`,
            architectures,
          );
        }
      }
    },
  },
  {
    reads: ['registry.kind', 'services.*.image'],
    check: ({ registry, services }, refuse) => {
      if (registry.kind !== 'upstream') return;
      for (const [name, { image }] of Object.entries(services)) {
        if (!isUpstream(image))
          refuse(
            ['services', name, 'image'],
            'the platform has no registry; use a public image with its host, such as "docker.io/library/postgres"',
          );
      }
    },
  },
  {
    reads: ['registry.kind', 'tags'],
    check: ({ registry, tags }, refuse) => {
      if ((registry.kind === 'upstream') !== (tags === 'upstream'))
        refuse(
          ['tags'],
          registry.kind === 'upstream'
            ? 'registry "upstream" has upstream tags; use "upstream"'
            : 'own images are tagged by commit; use "short-sha", "sha40" or "branch-sha"',
        );
    },
  },
  {
    reads: ['services.*.image', 'services.*.build'],
    check: ({ services }, refuse) => {
      for (const [name, { image, build }] of Object.entries(services)) {
        if (build && isUpstream(image))
          refuse(
            ['services', name, 'build'],
            `image "${image}" is a public image; remove "build", or use an own image`,
          );
      }
    },
  },
  {
    reads: ['services', 'images'],
    check: ({ services, images = {} }, refuse) => {
      for (const name of Object.keys(images)) {
        const taken = Object.entries(services).find(([service, { image }]) => service === name || image === name);
        if (taken) refuse(['images', name], `service "${taken[0]}" uses the same image; describe the build there`);
      }
    },
  },
  {
    reads: ['registry.kind', 'environments.*.cluster.kind'],
    check: ({ registry, environments }, refuse) => {
      for (const [env, { cluster }] of Object.entries(environments)) {
        if (cluster.kind === 'k0s-vm' && registry.kind !== 'artifact-registry')
          refuse(
            ['environments', env, 'cluster', 'kind'],
            `its node pulls images with a Google service account, which registry "${registry.kind}" does not accept; use "artifact-registry"`,
          );
      }
    },
  },
];

function machineOf([env, { cluster }]: [string, Environment]): string {
  return `${env} (${cluster.kind === 'kubeconfig' ? cluster.context : cluster.machineType})`;
}
