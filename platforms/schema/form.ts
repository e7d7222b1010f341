import { z } from 'zod';
import { architecture } from './architecture';
import { build } from './build';
import { cluster } from './cluster';
import { commitStyle } from './commit-style';
import { delivery } from './delivery';
import { exposure } from './exposure';
import { google } from './google';
import { branchName, gitUrl, namespaceName, noun, publicKey, repositoryPath } from './noun';
import { registry, tagScheme } from './registry';
import { service } from './service';
import { environmentState, state } from './state';

/** An environment of the platform. */
const environment = z.strictObject({
  /** The cluster that it runs on: a VM that the platform creates (`k0s-vm`), `hetzner-k3s`, or an existing one (`kubeconfig`). */
  cluster,
  /** How a new image tag reaches the cluster, and what is checked first. */
  delivery,
  /** How users reach the application. @default `{ kind: 'none' }`: only operators can */
  exposure: exposure.default({ kind: 'none' }),
  /** Namespace of the application in this environment. @default - the platform's */
  namespace: namespaceName.optional(),
  /** Branch that Argo CD follows. @default - the repository's */
  branch: branchName.optional(),
  /** Folder in the repository that Argo CD follows. @default - the repository's path */
  path: repositoryPath.optional(),
  /** Name of its AppProject and of its root Application in Argo CD. @default - the platform's name */
  application: noun.optional(),
  /** Where Terraform keeps the state of its layers: another prefix of the bucket, or a local file. @default - the platform's */
  state: environmentState.optional(),
  /** Names of the application's secrets, where they differ in this environment. @default - the platform's */
  secrets: z.array(noun).optional(),
  /** Database dumps in a bucket that `00-vpc` creates. @default - no dumps */
  backup: z
    .strictObject({
      /** Days after which a dump is deleted, 1 to 365. See https://cloud.google.com/storage/docs/lifecycle#age */
      keepDays: z.int().min(1).max(365),
    })
    .optional(),
});

/** The schema of a platform, without the rules between its fields. */
export const form = z.strictObject({
  /** Name of the platform, that of its folder in `platforms/`. The names of all its resources begin with it. */
  name: noun,
  /** Google Cloud project, region and zone. */
  google,
  /** The container registry of the platform's own images. `kind` selects its other fields. */
  registry,
  /**
   * Format of the tags of own images: the first 7 characters of the commit (`short-sha`), all 40 (`sha40`), branch and commit
   * (`branch-sha`), or the tags that upstream publishes (`upstream`).
   */
  tags: tagScheme,
  /** The Git repository that Argo CD follows. */
  repository: z.strictObject({
    /** HTTPS URL without credentials, ending in `.git`. */
    url: gitUrl,
    /** Branch that Argo CD follows. */
    branch: branchName,
    /** Folder with the manifests of an environment; `<env>` in it is replaced by the name of the environment. */
    path: repositoryPath.regex(
      /<env>/,
      'give a path in the repository with "<env>" for the environment, such as "k8s/overlays/<env>"',
    ),
    /**
     * What the folder contains: `manifests`, or `applications` for an app of apps, whose AppProjects and Applications point to the
     * manifests. See https://argo-cd.readthedocs.io/en/stable/operator-manual/cluster-bootstrapping/ @default 'manifests'
     */
    holds: z.enum(['manifests', 'applications']).default('manifests'),
    /**
     * True if it cannot be read without credentials. Argo CD then reads it over SSH with a deploy key, secret `git-deploy-key`,
     * which layer 02 creates on VMs of the platform; on other clusters, add the repository to Argo CD by hand. @default false
     */
    private: z.boolean().default(false),
    /**
     * Public halves of the SSH keys that may push to it, which `npm run bootstrap` adds: the one of workflows, whose private half is
     * secret `CONFIG_DEPLOY_KEY` on GitHub, and the one of Argo CD, whose private half is secret `git-deploy-key`.
     * See https://docs.github.com/en/authentication/connecting-to-github-with-ssh/managing-deploy-keys @default - none
     */
    deployKeys: z
      .strictObject({
        /** Key of the workflows. @default - none */
        workflows: publicKey.optional(),
        /** Key of Argo CD and Image Updater. @default - none */
        argocd: publicKey.optional(),
      })
      .optional(),
    /** Format of the subject of a commit that changes a tag: `deploy`, `update` or `chore`. @default 'deploy' */
    commits: commitStyle.default('deploy'),
  }),
  /** Kubernetes namespace of the application. */
  namespace: namespaceName,
  /** Where Terraform keeps the state of each layer. See https://developer.hashicorp.com/terraform/language/backend/gcs */
  state,
  /** Slack notifications about deployments. @default - none */
  slack: z
    .strictObject({
      /** Channel that messages are posted to, such as `#builds`. */
      channel: z.string().regex(/^#[a-z0-9_-]{1,80}$/, 'name a channel such as "#builds"'),
    })
    .optional(),
  /**
   * Label of the GitHub runners that build and deploy, such as `self-hosted` for those in the cluster. Jobs that need neither run on
   * runners of GitHub. See https://docs.github.com/en/actions/how-tos/write-workflows/choose-where-workflows-run/choose-the-runner-for-a-job
   * @default 'ubuntu-24.04'
   */
  runner: z
    .string()
    .regex(/^[a-z0-9]+([._-][a-z0-9]+)*$/, 'name a label of runners such as "self-hosted" or "ubuntu-24.04"')
    .max(255, 'use at most 255 characters')
    .default('ubuntu-24.04'),
  /** The environments, by name. */
  environments: z.record(noun, environment),
  /** The workloads, by name. */
  services: z.record(noun, service),
  /** Own images that no service runs, such as that of CI runners, by their names in the registry. @default - none */
  images: z
    .record(
      noun,
      z.strictObject({
        /** CPU architectures that the image is built for. @default ['amd64'] */
        architectures: z.array(architecture).min(1).default(['amd64']),
        /** How the image is built. */
        build,
      }),
    )
    .default({}),
  /**
   * Names of the application's secrets, unless an environment lists others. Their values are set with `npm run secret` and never
   * written here.
   */
  secrets: z.array(noun),
});

/** A validated platform, with its defaults filled in. */
export type Platform = z.output<typeof form>;
/** An environment of a platform. */
export type Environment = Platform['environments'][string];

/** An environment as a `platform.ts` describes it, before defaults are filled in. */
export type EnvironmentDescription = z.input<typeof environment>;
