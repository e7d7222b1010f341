import { ArtifactRegistryRepository } from '@cdktf/provider-google/lib/artifact-registry-repository';
import { ArtifactRegistryRepositoryIamMember } from '@cdktf/provider-google/lib/artifact-registry-repository-iam-member';
import { Construct } from 'constructs';
import { KEPT_TAG_PREFIXES } from '../../platforms/schema/registry';

/** Versions of each image that are kept, whatever their age. A build with provenance pushes about three versions. */
const KEPT_VERSIONS = 20;

/** Age after which versions are deleted unless another policy keeps them: 30 days, in seconds as the API returns it. */
const OLD = `${30 * 24 * 3600}s`;

/** Age after which untagged versions are deleted: 7 days. A repeated build leaves them behind. */
const OLD_UNTAGGED = `${7 * 24 * 3600}s`;

/** Properties of `ImageRegistry`. */
export interface ImageRegistryProps {
  /** Id of the Google project. */
  readonly project: string;
  /** Region or multi-region of the repository. See https://cloud.google.com/artifact-registry/docs/repositories/repo-locations */
  readonly location: string;
  /** Name of the repository. */
  readonly repository: string;
  /** True to create the repository here; false if another environment creates it. */
  readonly owned: boolean;
  /** IAM member that may pull, such as `serviceAccount:NAME@PROJECT.iam.gserviceaccount.com`. */
  readonly reader: string;
  /** Labels of the repository. */
  readonly labels: Record<string, string>;
}

/**
 * The repository of the platform's container images in Artifact Registry.
 *
 * Creates:
 * - read access for one IAM member (https://registry.terraform.io/providers/hashicorp/google/6.50.0/docs/resources/artifact_registry_repository_iam)
 * - if `owned`, the repository with its cleanup policies (https://registry.terraform.io/providers/hashicorp/google/6.50.0/docs/resources/artifact_registry_repository)
 *
 * The cleanup policies keep versions whose tag begins with one of `KEPT_TAG_PREFIXES`. `npm run ship`, `rollback` and `tag` move
 * these tags, so that neither a deployed image nor the one that a rollback needs is deleted, however old it is. Image Updater moves
 * none, but it deploys the newest version, which the last versions include. Versions that an index refers to are untagged, and
 * Artifact Registry does not delete them while the index exists.
 * See https://cloud.google.com/artifact-registry/docs/repositories/cleanup-policy
 *
 * @example
 * new ImageRegistry(this, 'images', {
 *   project: 'acme-project',
 *   location: 'us-east1',
 *   repository: 'threads',
 *   owned: true,
 *   reader: 'serviceAccount:threads-prod-vm@acme-project.iam.gserviceaccount.com',
 *   labels: { platform: 'threads' },
 * });
 */
export class ImageRegistry extends Construct {
  constructor(scope: Construct, id: string, props: ImageRegistryProps) {
    super(scope, id);
    const { project, location, reader } = props;
    new ArtifactRegistryRepositoryIamMember(this, 'reader', {
      project,
      location,
      repository: props.owned ? this.repository(props) : props.repository,
      role: 'roles/artifactregistry.reader',
      member: reader,
    });
  }

  /** Creates the repository and returns its name. */
  private repository({ project, location, repository, labels }: ImageRegistryProps): string {
    return new ArtifactRegistryRepository(this, 'repository', {
      project,
      location,
      repositoryId: repository,
      format: 'DOCKER',
      description: 'images of the platform, built once for all environments',
      labels,
      cleanupPolicyDryRun: false,
      cleanupPolicies: [
        {
          id: 'keep-deployed-and-pinned',
          action: 'KEEP',
          condition: { tagState: 'TAGGED', tagPrefixes: [...KEPT_TAG_PREFIXES] },
        },
        { id: 'keep-last-versions', action: 'KEEP', mostRecentVersions: { keepCount: KEPT_VERSIONS } },
        { id: 'delete-untagged', action: 'DELETE', condition: { tagState: 'UNTAGGED', olderThan: OLD_UNTAGGED } },
        { id: 'delete-old', action: 'DELETE', condition: { tagState: 'ANY', olderThan: OLD } },
      ],
    }).name;
  }
}
