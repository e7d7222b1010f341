import { ArtifactRegistryRepository } from '@cdktf/provider-google/lib/artifact-registry-repository';
import { ArtifactRegistryRepositoryIamMember } from '@cdktf/provider-google/lib/artifact-registry-repository-iam-member';
import { Construct } from 'constructs';
import { KEPT_TAG_PREFIXES } from '../../platforms/schema/registry';

/** Versions of each image that are kept, whatever their age. A build with provenance pushes about three. */
const KEPT_VERSIONS = 20;

/** Older versions go, unless something keeps them. 30 days, in the seconds that the API answers with. */
const OLD = `${30 * 24 * 3600}s`;

/** Untagged versions are what is left of builds that were done again. */
const OLD_UNTAGGED = `${7 * 24 * 3600}s`;

export interface ImageRegistryProps {
  readonly project: string;
  readonly location: string;
  /** Its name. */
  readonly repository: string;
  /** True where it is made here; false where another environment has made it. */
  readonly owned: boolean;
  /** Who may pull: an IAM member such as `serviceAccount:...`. */
  readonly reader: string;
  readonly labels: Record<string, string>;
}

/**
 * The repository of the platform's container images, readable by one identity.
 *
 * Its cleanup policies are dry: Artifact Registry logs what they would delete and deletes nothing. They keep versions whose tag
 * begins with one of `KEPT_TAG_PREFIXES`, which whoever deploys or pins has to set. As long as nothing sets those tags, only the
 * last versions would be safe, and buildx with provenance pushes about three versions a build: an image that is deployed could
 * be deleted, and neither a rollback nor a restored node could pull it.
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

  /** Makes it and returns its name. */
  private repository({ project, location, repository, labels }: ImageRegistryProps): string {
    return new ArtifactRegistryRepository(this, 'repository', {
      project,
      location,
      repositoryId: repository,
      format: 'DOCKER',
      description: 'images of the platform, built once for all environments',
      labels,
      cleanupPolicyDryRun: true,
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
