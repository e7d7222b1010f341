import type { Values } from '../../protocol/values';
import type { World } from '../../world';
import { block, text } from '../values';

/** Roles of Google's own that hold every permission of Compute Engine's instances. */
const MAY_ALL = [
  'roles/compute.instanceAdmin.v1',
  'roles/compute.instanceAdmin',
  'roles/compute.admin',
  'roles/editor',
  'roles/owner',
];

/**
 * Whether a member may do this to an instance, by one grant on its project.
 *
 * A grant counts once it has propagated. One under a condition counts when the condition names the instance by `resource.name == "<key>"`.
 *
 * @param instance - key of the instance.
 */
export function mayDo(world: World, member: string, permissions: readonly string[], instance: string): boolean {
  const project = instance.split('/')[1] ?? '';
  const grants = [...world.list('google_project_iam_member'), ...world.list('google_project_iam_binding')];
  return grants.some((grant) => {
    const values = grant.values as Values;
    const role = text(values, 'role');
    if (![values['member'], values['members']].flat().includes(member) || text(values, 'project') !== project)
      return false;
    if ((grant.hidden?.effectiveFrom ?? 0) > world.clock.now()) return false;
    const condition = block(values, 'condition');
    if (condition && !text(condition, 'expression').includes(`resource.name == "${instance}"`)) return false;
    const own = world.get('google_project_iam_custom_role', role)?.values['permissions'] as string[] | undefined;
    return MAY_ALL.includes(role) || permissions.every((one) => own?.includes(one));
  });
}
