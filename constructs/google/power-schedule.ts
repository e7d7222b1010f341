import { ComputeResourcePolicy } from '@cdktf/provider-google/lib/compute-resource-policy';
import { ProjectIamCustomRole } from '@cdktf/provider-google/lib/project-iam-custom-role';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { Construct } from 'constructs';
import type { Power } from '../../platforms/schema/power';
import { Propagation } from './propagation';

/** Properties of `PowerSchedule`. */
export interface PowerScheduleProps {
  /** Name of the VM, for descriptions. */
  readonly vm: string;
  /** Name of the schedule. */
  readonly name: string;
  /** Id of the custom role: letters, digits, underscores and periods. */
  readonly roleId: string;
  /** Daily hours in which the VM runs. */
  readonly power: Power;
  /** Id of the Google project. */
  readonly project: string;
  /** Number of the project, which is part of the name of its Compute Engine service agent. */
  readonly projectNumber: string;
}

/**
 * A schedule by which Compute Engine starts and stops a VM every day.
 *
 * Creates:
 * - the instance schedule (https://registry.terraform.io/providers/hashicorp/google/6.50.0/docs/resources/compute_resource_policy)
 * - a custom role that allows starting and stopping VMs, granted to the Compute Engine service agent: Google attaches the schedule
 *   to a VM only with this permission (https://cloud.google.com/compute/docs/instances/schedule-instance-start-stop)
 * - a wait until the permission is effective
 *
 * The VM's configuration does not say whether it is running, so the schedule causes no drift.
 *
 * @example
 * new PowerSchedule(this, 'power', {
 *   vm: 'threads-prod-vm',
 *   name: 'threads-prod-power',
 *   roleId: 'threads_prod_power',
 *   power: { start: '09:00', stop: '21:00', timeZone: 'Asia/Taipei' },
 *   project: 'acme-project',
 *   projectNumber: '123456789012',
 * });
 */
export class PowerSchedule extends Construct {
  /** The instance schedule, to be attached to the VM. */
  readonly policy: ComputeResourcePolicy;
  /** The wait until the permission is effective. A VM with the schedule depends on it: Google refuses to attach it earlier. */
  readonly permitted: Propagation;

  constructor(scope: Construct, id: string, { vm, name, roleId, power, project, projectNumber }: PowerScheduleProps) {
    super(scope, id);
    const { start, stop, timeZone } = power;
    const daily = (time: string) => ({ schedule: `0 ${Number.parseInt(time, 10)} * * *` });
    this.policy = new ComputeResourcePolicy(this, 'policy', {
      name,
      description: `on at ${start}, off at ${stop}, ${timeZone}`,
      instanceSchedulePolicy: { timeZone, vmStartSchedule: daily(start), vmStopSchedule: daily(stop) },
    });
    const role = new ProjectIamCustomRole(this, 'role', {
      roleId,
      title: `${vm}: power schedule`,
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
