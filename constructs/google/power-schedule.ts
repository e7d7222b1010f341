import { ComputeResourcePolicy } from '@cdktf/provider-google/lib/compute-resource-policy';
import { ProjectIamCustomRole } from '@cdktf/provider-google/lib/project-iam-custom-role';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { Construct } from 'constructs';
import type { namesOf } from '../../platforms/schema/names';
import type { Power } from '../../platforms/schema/power';
import { Propagation } from './propagation';

export interface PowerScheduleProps {
  readonly names: ReturnType<typeof namesOf>;
  readonly power: Power;
  readonly project: string;
  /** Number of the project, which names Google's own identity for Compute Engine there. */
  readonly projectNumber: string;
}

/**
 * Switches a VM on and off every day, by Compute Engine itself.
 *
 * Makes the schedule, and a role that lets Compute Engine's own identity start and stop: without it no VM may carry the
 * schedule. Whether a VM runs is no argument of it anywhere, so the schedule is never drift.
 */
export class PowerSchedule extends Construct {
  readonly policy: ComputeResourcePolicy;
  /** Until the permission has taken effect. A VM that carries the schedule depends on it: Google refuses it earlier. */
  readonly permitted: Propagation;

  constructor(scope: Construct, id: string, { names, power, project, projectNumber }: PowerScheduleProps) {
    super(scope, id);
    const { start, stop, timeZone } = power;
    const daily = (time: string) => ({ schedule: `0 ${Number.parseInt(time, 10)} * * *` });
    this.policy = new ComputeResourcePolicy(this, 'policy', {
      name: names.part('power'),
      description: `on at ${start}, off at ${stop}, ${timeZone}`,
      instanceSchedulePolicy: { timeZone, vmStartSchedule: daily(start), vmStopSchedule: daily(stop) },
    });
    const role = new ProjectIamCustomRole(this, 'role', {
      roleId: names.underscored('power'),
      title: `${names.vm}: power schedule`,
      permissions: ['compute.instances.start', 'compute.instances.stop'],
    });
    const permission = new ProjectIamMember(this, 'permission', {
      project,
      role: role.name,
      member: `serviceAccount:service-${projectNumber}@compute-system.iam.gserviceaccount.com`,
    });
    this.permitted = new Propagation(this, 'permitted', { of: permission, triggers: { permission: permission.id } });
  }
}
