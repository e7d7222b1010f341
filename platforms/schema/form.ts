import { z } from 'zod';
import { architecture } from './architecture';
import { build } from './build';
import { cluster } from './cluster';
import { commitStyle } from './commit-style';
import { delivery } from './delivery';
import { exposure } from './exposure';
import { google, projectId } from './google';
import { branchName, gitUrl, namespaceName, noun, repositoryPath } from './noun';
import { registry, tagScheme } from './registry';
import { service } from './service';
import { environmentState, state } from './state';

const environment = z.strictObject({
  cluster,
  delivery,
  /** @default - nobody but operators */
  exposure: exposure.default({ kind: 'none' }),
  /** Its own Google project, where projects are per environment. */
  project: projectId.optional(),
  /** @default - the platform's */
  namespace: namespaceName.optional(),
  /** Branch that Argo CD follows. @default - the repository's */
  branch: branchName.optional(),
  /** Folder of it in the repository. @default - the repository's path */
  path: repositoryPath.optional(),
  /** Argo CD's names for it: of the AppProject and of the Application. @default - the platform's name */
  application: noun.optional(),
  /** @default - the platform's */
  state: environmentState.optional(),
  /** Secrets of the application in it, where it needs others. @default - the platform's */
  secrets: z.array(noun).optional(),
  /** Dumps of its database in a bucket that `00-vpc` makes: each goes after so many days. @default - no dumps */
  backup: z.strictObject({ keepDays: z.int().min(1).max(365) }).optional(),
  /** What it may cost a month before somebody is told, in the currency of `google.billing`. @default - no budget */
  monthlyBudget: z.int().min(1).optional(),
});

/** The form of a platform, without the rules between its parts. */
export const form = z.strictObject({
  name: noun,
  google,
  registry,
  tags: tagScheme,
  /** The Git repository that Argo CD follows. */
  repository: z.strictObject({
    url: gitUrl,
    branch: branchName,
    path: repositoryPath.regex(
      /<env>/,
      'give a path in the repository with "<env>" for the environment, such as "k8s/overlays/<env>"',
    ),
    /** What lies there: the manifests, or the AppProjects and Applications that bring them from wherever they are. */
    holds: z.enum(['manifests', 'applications']).default('manifests'),
    /**
     * True when it cannot be read without credentials. Argo CD then reads it by SSH with a deploy key, secret `git-deploy-key`,
     * which layer 02 hands to it on VMs of ours; on other clusters add the repository to Argo CD by hand. @default false
     */
    private: z.boolean().default(false),
    /** How the commits are worded that change tags. */
    commits: commitStyle.default('deploy'),
  }),
  /** The namespace of the application. */
  namespace: namespaceName,
  state,
  /** Where deliveries are told. @default - nowhere */
  slack: z.strictObject({ channel: z.string().regex(/^#[a-z0-9_-]+$/, 'name a channel such as "#builds"') }).optional(),
  environments: z.record(noun, environment),
  services: z.record(noun, service),
  /** Own images that no service runs, such as that of the runners, by their names in the registry. @default - none */
  images: z
    .record(noun, z.strictObject({ architectures: z.array(architecture).min(1).default(['amd64']), build }))
    .default({}),
  /** Secrets of the application wherever an environment names none of its own; their values come by `npm run secret`, never through here. */
  secrets: z.array(noun),
});

/** A platform as its file describes it, checked. */
export type Platform = z.output<typeof form>;
/** One environment of a platform. */
export type Environment = Platform['environments'][string];
