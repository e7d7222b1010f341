import { join } from 'node:path';
import { ownImages } from '../delivery/image/own-images';
import type { Platform } from '../platforms/schema/define-platform';

/** A pattern by which Renovate finds versions in a file that it has no manager for. */
interface CustomManager {
  readonly customType: 'regex';
  readonly description: string;
  readonly managerFilePatterns: readonly string[];
  readonly matchStrings: readonly string[];
  readonly datasourceTemplate: string;
  readonly depNameTemplate?: string;
  readonly extractVersionTemplate?: string;
  readonly versioningTemplate?: string;
}

/** Versions in our own code. The named groups are Renovate's: https://docs.renovatebot.com/modules/manager/regex/ */
export const CUSTOM_MANAGERS: readonly CustomManager[] = [
  {
    customType: 'regex',
    description: 'Helm charts that the layers install',
    managerFilePatterns: ['/^constructs/.+\\.ts$/'],
    matchStrings: [
      "repository: '(?<registryUrl>https://[^']+)',\\s+chart: '(?<depName>[^']+)',\\s+version: '(?<currentValue>[^']+)'",
    ],
    datasourceTemplate: 'helm',
  },
  {
    customType: 'regex',
    description: 'Actions that the generated workflows pin',
    managerFilePatterns: ['/^workflows/actions\\.ts$/'],
    matchStrings: [
      "'(?<depName>[\\w-]+/[\\w-]+)': \\{\\s+version: '(?<currentValue>v[\\d.]+)',\\s+digest: '(?<currentDigest>[0-9a-f]{40})'",
    ],
    datasourceTemplate: 'github-tags',
  },
  {
    customType: 'regex',
    description: 'The terraform of the workflows',
    managerFilePatterns: ['/^workflows/steps\\.ts$/'],
    matchStrings: ["const TERRAFORM = '(?<currentValue>[\\d.]+)'"],
    datasourceTemplate: 'github-releases',
    depNameTemplate: 'hashicorp/terraform',
    extractVersionTemplate: '^v(?<version>.+)$',
  },
  {
    customType: 'regex',
    description: 'k0s, whose checksum a person has to change with it',
    managerFilePatterns: ['/^platforms/[^/]+/platform\\.ts$/'],
    matchStrings: ["version: '(?<currentValue>v[\\d.]+\\+k0s\\.\\d+)'"],
    datasourceTemplate: 'github-releases',
    depNameTemplate: 'k0sproject/k0s',
    versioningTemplate: 'regex:^v(?<major>\\d+)\\.(?<minor>\\d+)\\.(?<patch>\\d+)\\+k0s\\.(?<build>\\d+)$',
  },
];

/**
 * The configuration of Renovate for the repository of a platform: it opens one pull request a week for each group of versions. Nothing is
 * merged without a person, and each is rehearsed like any other change. See https://docs.renovatebot.com/configuration-options/
 */
function configurationOf(platform: Platform): object {
  return {
    $schema: 'https://docs.renovatebot.com/renovate-schema.json',
    description: [
      `Generated from platforms/${platform.name}/platform.ts: change workflows/renovate.ts, then run \`npm run workflows -- --write\`.`,
    ],
    extends: ['config:recommended'],
    baseBranchPatterns: [platform.repository.branch],
    schedule: ['before 6am on monday'],
    // A version that was withdrawn, or that steals secrets, is found within days.
    minimumReleaseAge: '7 days',
    rangeStrategy: 'pin',
    automerge: false,
    enabledManagers: ['npm', 'dockerfile', 'kustomize', 'argocd', 'custom.regex'],
    ignorePaths: ['**/node_modules/**', 'test/**', 'sandbox/test/**'],
    argocd: { managerFilePatterns: ['/^k8s/.+\\.application\\.yaml$/'] },
    customManagers: CUSTOM_MANAGERS,
    packageRules: [
      {
        description: 'Providers and cdktf: the goldens and the rules of the sandbox change with them',
        matchManagers: ['npm'],
        matchPackageNames: ['@cdktf/**', 'cdktf', 'cdktf-cli', 'constructs'],
        groupName: 'terraform providers',
      },
      {
        description: 'Packages of our commands and tests',
        matchManagers: ['npm'],
        matchPackageNames: ['!@cdktf/**', '!cdktf', '!cdktf-cli', '!constructs'],
        groupName: 'npm packages',
      },
      { description: 'Charts of the layers and of Argo CD', matchDatasources: ['helm'], groupName: 'helm charts' },
      {
        description: 'Images of others are pinned by digest',
        matchDatasources: ['docker'],
        groupName: 'image digests',
        pinDigests: true,
      },
      {
        description: 'Actions and tools of the workflows',
        matchDatasources: ['github-tags', 'github-releases'],
        groupName: 'workflows and k0s',
      },
      {
        description: 'Deliveries write the tags of own images',
        matchDatasources: ['docker'],
        matchPackageNames: ownImages(platform).map(({ repository }) => repository),
        enabled: false,
      },
      {
        description: 'Applications that follow a branch of this repository',
        matchManagers: ['argocd'],
        matchDatasources: ['git-tags', 'git-refs'],
        enabled: false,
      },
    ].filter(({ matchPackageNames }) => matchPackageNames === undefined || matchPackageNames.length > 0),
  };
}

/**
 * Path and text of a platform's configuration of Renovate: at the top of its repository, or next to its workflows to be copied there.
 *
 * @returns undefined where GitHub does not host the repository.
 */
export function renovateFile(
  platform: Platform,
  isDefault: boolean,
): readonly [path: string, text: string] | undefined {
  if (new URL(platform.repository.url).hostname !== 'github.com') return undefined;
  const path = isDefault ? 'renovate.json' : join('platforms', platform.name, 'workflows', 'renovate.json');
  return [path, `${JSON.stringify(configurationOf(platform), null, 2)}\n`];
}
