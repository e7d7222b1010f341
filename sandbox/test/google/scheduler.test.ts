import { projectIamMember, registryIamMember } from '../../google/iam/grants';
import { customRole } from '../../google/iam/workload-identity';
import { project } from '../../google/project';
import { projectNumber } from '../../google/project-number';
import { refuseUnscheduled, resourcePolicy } from '../../google/scheduler';
import { registryRepository } from '../../google/storage';
import type { Context } from '../../protocol/behaviour';
import type { Values } from '../../protocol/values';
import { World } from '../../world';

const POLICY = 'projects/p/regions/us-east1/resourcePolicies/power';
const AGENT = `serviceAccount:service-${projectNumber('p')}@compute-system.iam.gserviceaccount.com`;
const vm: Values = { project: 'p', zone: 'us-east1-b', resource_policies: [POLICY] };

let context: Context;

beforeEach(async () => {
  const world = World.inMemory();
  context = { world, provider: { project: 'p', region: 'us-east1', zone: 'us-east1-b' }, home: '/nonexistent' };
  await resourcePolicy.create({ name: 'power', instance_schedule_policy: [{ time_zone: 'UTC' }] }, context);
});

afterEach(() => context.world.clock.stop());

async function allow(permissions: string[]): Promise<void> {
  const { key } = await customRole.create({ role_id: 'power', title: 'power', permissions }, context);
  await projectIamMember.create({ project: 'p', role: key, member: AGENT }, context);
}

describe('a VM with a power schedule', () => {
  test('is refused while Compute Engine may not carry it out', async () => {
    const message = 'needs to have [compute.instances.start,compute.instances.stop] permissions applied';
    expect(() => refuseUnscheduled(vm, context)).toThrow(message);
    await allow(['compute.instances.start']);
    expect(() => refuseUnscheduled(vm, context)).toThrow(message);
  });

  test.each([
    ['a custom role', undefined],
    ['a role of Google', 'roles/compute.instanceAdmin.v1'],
  ])('is taken once %s allows it and that has propagated', async (_, role) => {
    if (role) await projectIamMember.create({ project: 'p', role, member: AGENT }, context);
    else await allow(['compute.instances.start', 'compute.instances.stop']);
    expect(() => refuseUnscheduled(vm, context)).toThrow('Error 412');
    await context.world.clock.advance(60);
    expect(() => refuseUnscheduled(vm, context)).not.toThrow();
  });

  test('is another thing than one with no policy, or one of another kind', async () => {
    await resourcePolicy.create({ name: 'snapshots', snapshot_schedule_policy: [{}] }, context);
    const snapshots = POLICY.replace('power', 'snapshots');
    for (const resource_policies of [null, [snapshots]])
      expect(() => refuseUnscheduled({ ...vm, resource_policies }, context)).not.toThrow();
  });
});

describe('a grant on a repository of images', () => {
  const grant = {
    location: 'us-east1',
    repository: 'shop',
    role: 'roles/artifactregistry.reader',
    member: 'user:a@b.c',
  };

  test('is refused while there is no repository', async () => {
    await expect(registryIamMember.create(grant, context)).rejects.toThrow(
      'there is no repository projects/p/locations/us-east1/repositories/shop',
    );
  });

  test('is accepted on one that terraform has created', async () => {
    await registryRepository.create({ location: 'us-east1', repository_id: 'shop', format: 'DOCKER' }, context);
    await expect(registryIamMember.create(grant, context)).resolves.toBeDefined();
  });

  test('is accepted on one that was pushed to', async () => {
    context.world.data.images['us-east1-docker.pkg.dev/p/shop/web'] = {};
    await expect(registryIamMember.create(grant, context)).resolves.toBeDefined();
  });
});

test('a project has a number that never changes', async () => {
  const look = (id: string) => project.read({ project_id: id }, context);
  const { number } = await look('p');
  expect(number).toMatch(/^\d{12}$/);
  expect((await look('p'))['number']).toBe(number);
  expect((await look('q'))['number']).not.toBe(number);
});
