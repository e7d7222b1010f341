import type { Json } from '../json';
import { type Check, originOf, type Problem, valuesOf } from './problem';
import { kustomizationsOf } from './sources';

interface Scheme {
  /** Begins the names of images that the scheme is for. */
  readonly prefix: string;
  readonly pattern: (env: string) => RegExp;
  readonly example: (env: string) => string;
}

/** Whole commits are tags from before a platform took to short ones: they still roll out, and a rollback may go back to one. */
const sha: Omit<Scheme, 'prefix'> = {
  pattern: () => /^(?!0{7})([0-9a-f]{7}|[0-9a-f]{40})$/,
  example: () => 'the first 7 characters of a commit, such as 4f2a91c',
};

/** How tags of own images look. All others are upstream's. */
const SCHEMES: readonly Scheme[] = [
  { prefix: 'us-east1-docker.pkg.dev/web-service-design/threads/', ...sha },
  { prefix: 'docker.io/curiosinauts/scottseotech-', ...sha },
  {
    prefix: 'ghcr.io/techtorque-2025/',
    pattern: (env) => new RegExp(`^${branchOf(env)}-(?!0{7})[0-9a-f]{7}$`),
    example: (env) => `branch and commit, such as ${branchOf(env)}-4f2a91c`,
  },
];

/** Upstream's tags hold a version and no name that moves. */
const UPSTREAM = /^v?\d+([.-][\w.-]+)+$/;

/** Every image has one `images:` entry, which is where its tag stands, and the tag follows its scheme. */
export const images: Check = (objects, { env, root }) =>
  // Image Updater names images and runs none.
  objects
    .filter(({ kind }) => kind !== 'ImageUpdater')
    .flatMap((object) => {
      const entries = kustomizationsOf(originOf(object), root).flatMap(({ images = [] }) => images as Json[]);
      return ['image', 'imageName']
        .flatMap((key) => valuesOf(object, key))
        .filter(({ value }) => typeof value === 'string')
        .flatMap(({ path, value }): Problem[] => {
          const [, repository = '', tag] = /^(.+?)(?::([^/:]+))?$/.exec(value as string) ?? [];
          const refuse = (wrong: string, fix: string) => [{ object, path, wrong, fix }];
          const own = entries.filter(({ name, newTag }) => name === repository && newTag !== undefined);
          if (!tag || own.length === 0)
            return refuse(
              `image "${value}" has no \`images:\` entry`,
              `add name ${repository} with its newTag to the overlay`,
            );
          if (own.length > 1) return refuse(`image "${repository}" has ${own.length} entries`, 'leave one');
          if (own[0].newTag !== tag)
            return refuse(
              `tag "${tag}" is not the one of its entry, "${own[0].newTag}"`,
              'leave the tag out of the manifest',
            );
          // Of an image that nobody has built: nothing pulls it, so nothing rolls out.
          if (/^([a-z][a-z0-9-]*-)?0{7}$/.test(tag)) {
            const { replicas } = object.spec;
            if (replicas === 0) return [];
            const wrong = `tag "${tag}" is a placeholder, and spec.replicas is ${replicas}`;
            return refuse(wrong, 'write the tag of an image, or give it 0 in `replicas` of the overlay');
          }
          const problem = tagProblem(repository, tag, env);
          return problem ? refuse(...problem) : [];
        });
    });

/** What is wrong with a tag in an environment, and what to do; undefined where it follows the scheme of its image. */
export function tagProblem(repository: string, tag: string, env: string): [wrong: string, fix: string] | undefined {
  const scheme = SCHEMES.find(({ prefix }) => repository.startsWith(prefix));
  if ((scheme?.pattern(env) ?? UPSTREAM).test(tag)) return undefined;
  const example = scheme?.example(env) ?? 'a version of upstream, such as 18-3.6';
  return [`tag "${tag}" of ${repository} does not follow its scheme`, `use ${example}`];
}

/** techtorque: the branch that an environment follows. */
function branchOf(env: string): string {
  return env === 'prod' ? 'main' : env;
}
