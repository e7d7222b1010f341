import type { OwnImage } from '../../delivery/image/own-images';
import { environmentOf, type Platform } from '../../platforms/schema/define-platform';
import { branchesOf, branchOf, imagesBySource } from '../delivered';
import { type Expression, expression, secret } from '../expression';
import { buildImage, buildPermissions } from '../reusable/build-image';
import { ship, shipPermissions, shippedEnvironments } from '../reusable/ship';
import type { CallJob, Workflow } from '../workflow';

/** Where GitHub looks for workflows. */
export const WORKFLOWS = '.github/workflows';

/** The event as an input of our commands. */
export const TRIGGER = expression("github.event_name == 'push' && 'push' || 'manual'");

/** The workflow of an own image whose source is in the platform's repository: a push builds it, and ships it where the gate allows it. */
export function serviceCaller(platform: Platform, image: OwnImage): Workflow {
  const environments = shippedEnvironments(platform);
  const [first = ''] = environments;
  return {
    name: image.name,
    on: {
      push: { branches: branchesOf(platform, environments), paths: pathsOf(platform, image) },
      workflow_dispatch: {
        inputs: {
          environment: { description: 'environment', required: true, type: 'choice', options: environments },
          tag: { description: 'tag that the registry has; without one, this commit', required: false, type: 'string' },
        },
      },
    },
    jobs: {
      build: {
        name: 'build',
        if: '!inputs.tag',
        permissions: buildPermissions(platform),
        uses: `./${WORKFLOWS}/build-image.yml`,
        with: { service: image.name, environment: first },
        secrets: secretsOf(buildImage(platform)),
      },
      ...Object.fromEntries(environments.map((env) => [env, shipJob(platform, env, image.name)])),
      ...(platform.slack && { notify: notifyJob(image.name, environments) }),
    },
  };
}

function shipJob(platform: Platform, env: string, service: string): CallJob {
  // Image Updater chooses the tag itself, among those that the registry has.
  const isChosen = environmentOf(platform, env).delivery.kind === 'image-updater';
  const ofBranch = isOnlyBranch(platform) ? '' : ` && github.ref_name == '${branchOf(platform, env)}'`;
  const pushed = `github.event_name == 'push'${ofBranch}`;
  const asked = `inputs.environment == '${env}'${isChosen ? ' && !inputs.tag' : ''}`;
  return {
    name: env,
    needs: ['build'],
    if: `!failure() && !cancelled() && (${pushed} || ${asked})`,
    permissions: shipPermissions(platform),
    uses: `./${WORKFLOWS}/ship.yml`,
    with: {
      service,
      environment: env,
      trigger: TRIGGER,
      ...(!isChosen && { tag: expression('inputs.tag || needs.build.outputs.tag') }),
    },
    secrets: secretsOf(ship(platform)),
  };
}

function isOnlyBranch(platform: Platform): boolean {
  return branchesOf(platform, shippedEnvironments(platform)).length === 1;
}

/** Tells of a run that failed before our commands could. */
function notifyJob(service: string, environments: readonly string[]): CallJob {
  const needs = ['build', ...environments];
  const failed = ['inputs.environment', ...environments.map((env) => `needs.${env}.result == 'failure' && '${env}'`)];
  return {
    name: 'notify',
    needs,
    if: `failure() && ${needs.map((job) => `needs.${job}.outputs.told != 'true'`).join(' && ')}`,
    permissions: { contents: 'read' },
    uses: `./${WORKFLOWS}/notify.yml`,
    with: {
      stage: expression("needs.build.result == 'failure' && 'build' || 'deployment'"),
      state: 'failed',
      service,
      environment: expression(`needs.build.result != 'failure' && (${failed.join(' || ')}) || ''`),
      tag: expression('inputs.tag || needs.build.outputs.tag || github.sha'),
    },
    secrets: { SLACK_BOT_TOKEN: secret('SLACK_BOT_TOKEN') },
  };
}

/** Every secret of a reusable workflow, under its own name. A secret of a GitHub environment replaces the one that is passed. */
export function secretsOf({ on }: Workflow): Readonly<Record<string, Expression>> {
  return Object.fromEntries(Object.keys(on.workflow_call?.secrets ?? {}).map((name) => [name, secret(name)]));
}

/**
 * The files whose change builds an image: its context, its Dockerfile and its workflow, without the contexts of other images. A
 * commit that writes a tag changes `k8s/` only, and starts no build.
 */
function pathsOf(platform: Platform, { name, build }: OwnImage): string[] {
  const { context, dockerfile } = build;
  const inside = context === '.' ? '**' : `${context}/**`;
  const others = imagesBySource(platform).own.flatMap((other) =>
    other.name !== name && isWithin(other.build.context, context) ? [`!${other.build.context}/**`] : [],
  );
  return [
    inside,
    ...(context === '.' ? ['!k8s/**', '!platforms/**', '!docs/**', '!.github/**'] : []),
    ...others,
    ...(dockerfile ? [dockerfile] : []),
    `${WORKFLOWS}/${name}.yml`,
    `${WORKFLOWS}/build-image.yml`,
  ];
}

function isWithin(inner: string, outer: string): boolean {
  return inner !== outer && (outer === '.' || inner.startsWith(`${outer}/`));
}
