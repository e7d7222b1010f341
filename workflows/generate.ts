import { join } from 'node:path';
import type { Platform } from '../platforms/schema/define-platform';
import { applyCaller } from './callers/apply';
import { checkCaller } from './callers/check';
import { clusterCaller } from './callers/cluster';
import { deployCaller } from './callers/deploy';
import { driftCaller } from './callers/drift';
import { otherRepositoryCaller } from './callers/other-repository';
import { PLAN, planCaller, plannable } from './callers/plan';
import { planCommentCaller } from './callers/plan-comment';
import { layered, REHEARSAL, rehearsalCaller } from './callers/rehearsal';
import { serviceCaller, WORKFLOWS } from './callers/service';
import { environmentsBy, hetznerEnvironments, imagesBySource } from './delivered';
import { buildImage } from './reusable/build-image';
import { hetznerCluster } from './reusable/hetzner-cluster';
import { notify } from './reusable/notify';
import { pushApply } from './reusable/push-apply';
import { ship, shippedEnvironments } from './reusable/ship';
import { updateManifest } from './reusable/update-manifest';
import { textOf } from './text';
import type { Workflow } from './workflow';

/**
 * The workflows of a platform, by the name of their file without `.yml`: none where GitHub does not host its repository. To add one, write a function that describes it and add a row
 * here.
 */
function workflowsOf(platform: Platform): Record<string, Workflow> {
  if (new URL(platform.repository.url).hostname !== 'github.com') return {};
  const { own, elsewhere } = imagesBySource(platform);
  const ships = own.length > 0 && shippedEnvironments(platform).length > 0;
  const updates = elsewhere.length > 0 && environmentsBy(platform, 'config-repository').length > 0;
  const applies = environmentsBy(platform, 'push-apply').length > 0;
  return {
    check: checkCaller(platform),
    ...(layered(platform).length > 0 && {
      [REHEARSAL]: rehearsalCaller(platform),
      'plan-comment': planCommentCaller(platform),
      apply: applyCaller(platform),
      drift: driftCaller(platform),
    }),
    ...(plannable(platform).length > 0 && { [PLAN]: planCaller(platform) }),
    ...((ships || updates) && { 'build-image': buildImage(platform) }),
    ...(ships && { ship: ship(platform) }),
    ...(updates && { 'update-manifest': updateManifest(platform) }),
    ...(applies && { 'push-apply': pushApply(platform), deploy: deployCaller(platform) }),
    ...(hetznerEnvironments(platform).length > 0 && {
      'hetzner-cluster': hetznerCluster(platform),
      cluster: clusterCaller(platform),
    }),
    ...(ships && platform.slack && { notify: notify(platform) }),
    ...(ships && Object.fromEntries(own.map((image) => [image.name, serviceCaller(platform, image)]))),
  };
}

/**
 * The files of a platform's workflows, by path, with their text. For the default platform they are where GitHub looks for them; for
 * others in `platforms/<name>/workflows`, from where they are copied to the platform's own repository. Those of services in repositories
 * of their own are in a folder for each.
 */
export function workflowFiles(platform: Platform, isDefault: boolean): Map<string, string> {
  const folder = isDefault ? WORKFLOWS : `platforms/${platform.name}/workflows`;
  const source = `platforms/${platform.name}/platform.ts`;
  const ofPlatform = Object.entries(workflowsOf(platform)).map(
    ([name, workflow]) => [join(folder, `${name}.yml`), textOf(workflow, source)] as const,
  );
  const ofServices =
    ofPlatform.length > 0 && environmentsBy(platform, 'config-repository').length > 0
      ? imagesBySource(platform).elsewhere.map((image) => {
          const path = join(`platforms/${platform.name}/workflows`, image.name, WORKFLOWS, 'deliver.yml');
          return [path, textOf(otherRepositoryCaller(platform, image), source)] as const;
        })
      : [];
  return new Map([...ofPlatform, ...ofServices]);
}
