import { forRegExp } from '../../escape';
import { imageRepository, type Platform } from '../../platforms/schema/define-platform';
import { repositoryOf } from '../../platforms/schema/environment';
import type { Json } from '../json';
import { ownImageOf } from '../own-image';
import { type Check, originOf, type Problem, valuesOf } from './problem';
import { kustomizationsOf } from './sources';

interface Scheme {
  readonly pattern: RegExp;
  readonly example: string;
}

/** Upstream tags contain a version, not a moving name such as `latest`. */
const UPSTREAM: Scheme = { pattern: /^v?\d+([.-][\w.-]+)+$/, example: 'an upstream version, such as 18-3.6' };

/** Every image has one `images:` entry, which contains its tag, and the tag follows its scheme. */
export const images: Check = (objects, environment) =>
  // An ImageUpdater refers to images but runs none.
  objects
    .filter(({ kind }) => kind !== 'ImageUpdater')
    .flatMap((object) => {
      const entries = kustomizationsOf(originOf(object), environment.root).flatMap(
        ({ images = [] }) => images as Json[],
      );
      return ['image', 'imageName']
        .flatMap((key) => valuesOf(object, key))
        .filter(({ value }) => typeof value === 'string')
        .flatMap(({ path, value }): Problem[] => {
          const [, repository = '', tag] = /^(.+?)(?::([^/:]+))?$/.exec(value as string) ?? [];
          const refuse = (wrong: string, fix: string) => [{ object, path, wrong, fix }];
          const wanted = ownImageOf(environment.description, repository);
          if (wanted !== undefined && wanted !== repository)
            return refuse(
              `got "${repository}"`,
              `use ${JSON.stringify(wanted)}, as the platform says, or run with --write`,
            );
          const own = entries.filter(({ name, newTag }) => name === repository && newTag !== undefined);
          if (!tag || own.length === 0)
            return refuse(
              `image "${value}" has no entry in \`images\``,
              `add an entry with name ${repository} and newTag to the overlay`,
            );
          if (own.length > 1)
            return refuse(`image "${repository}" has ${own.length} entries in \`images\``, 'keep one of them');
          if (own[0].newTag !== tag)
            return refuse(
              `tag "${tag}" differs from its entry in \`images\`, "${own[0].newTag}"`,
              'remove the tag from the manifest',
            );
          // The tag of an image that is not built yet: without replicas, nothing pulls it.
          if (/^([a-z][a-z0-9-]*-)?0{7}$/.test(tag)) {
            const { replicas } = object.spec;
            if (replicas === 0) return [];
            const wrong = `tag "${tag}" is a placeholder, and spec.replicas is ${replicas}`;
            return refuse(wrong, 'set the tag of an existing image, or set 0 in `replicas` of the overlay');
          }
          const problem = tagProblem(environment.description, environment.env, repository, tag);
          return problem ? refuse(...problem) : [];
        });
    });

/** The problem of a tag in an environment and its fix; undefined if it follows the scheme of its image. */
export function tagProblem(
  platform: Platform,
  env: string,
  repository: string,
  tag: string,
): [wrong: string, fix: string] | undefined {
  const { pattern, example } = isOwn(platform, repository) ? schemeOf(platform, env) : UPSTREAM;
  if (pattern.test(tag)) return undefined;
  return [`tag "${tag}" of ${repository} does not follow its scheme`, `use ${example}`];
}

/** Whether the image is in the platform's registry. */
function isOwn(platform: Platform, repository: string): boolean {
  return platform.registry.kind !== 'upstream' && repository.startsWith(imageRepository(platform, ''));
}

function schemeOf(platform: Platform, env: string): Scheme {
  if (platform.tags === 'branch-sha') {
    const { branch } = repositoryOf(platform, env);
    return {
      pattern: new RegExp(`^${forRegExp(branch)}-(?!0{7})[0-9a-f]{7}$`),
      example: `branch and commit, such as ${branch}-4f2a91c`,
    };
  }
  // A platform that uses short tags now may have used full commits before: a rollback can return to one.
  return {
    pattern: /^(?!0{7})([0-9a-f]{7}|[0-9a-f]{40})$/,
    example: 'the first 7 characters of a commit, such as 4f2a91c',
  };
}
