import type { Platform } from '../../../platforms/schema/define-platform';
import { repositoryOf } from '../../../platforms/schema/environment';
import { type Check, type Outcome, unchecked } from '../check';
import type { Surroundings } from '../surroundings';

/** A check that is made only where GitHub hosts the platform's repository. */
export function onGithub(look: (at: Surroundings) => Promise<Outcome>): Check['look'] {
  return (at) => {
    if (repositoriesOf(at.platform).length === 0) return unchecked('the repository is not on GitHub');
    if (!at.variables['GITHUB_TOKEN']) return unchecked('GITHUB_TOKEN is not set');
    return look(at);
  };
}

/** The repositories on GitHub of a platform and of its services. */
export function repositoriesOf({ repository, services }: Platform): { owner: string; repo: string }[] {
  const urls = new Set([repository.url, ...Object.values(services).flatMap(({ source }) => source ?? [])]);
  return [...urls].flatMap((url) => {
    const [, owner, repo] = /^https:\/\/github\.com\/([^/]+)\/([^/]+?)(?:\.git)?$/.exec(url) ?? [];
    return owner && repo ? [{ owner, repo }] : [];
  });
}

/** `acme/platform`. */
export function pathOf(at: Surroundings): string {
  return new URL(urlOf(at)).pathname.slice(1);
}

/** Address of the platform's repository, for people. */
export function urlOf({ platform, env }: Surroundings): string {
  return repositoryOf(platform, env).url.replace(/\.git$/, '');
}
