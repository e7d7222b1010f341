import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Folder } from '../../../clients/folder';
import type { Change, EnvironmentPlan } from '../../../terraform/planning/result';
import { StoredPlans } from '../../../terraform/planning/stored-plan';
import { temporaryFolder } from '../../helpers/synth';

const folder = temporaryFolder();
const NOW = new Date('2026-01-05T09:30:00Z');
const OWNER = { platform: 'threads', env: 'prod' };
const common = { deployed: true, outputs: [], drifted: [] };
const change: Change = { address: 'a.b', type: 'a', action: 'create', attributes: [] };
const result: EnvironmentPlan = {
  version: 1,
  ...OWNER,
  layers: [
    { layer: '00-vpc', stack: 'vpc-prod', outcome: 'planned', changes: [change], ...common },
    { layer: '01-k8s', stack: 'k8s-prod', outcome: 'planned', changes: [], ...common },
  ],
  guards: [],
  contracts: [],
};

let count = 0;
function place(json = '{"a":1}', lock?: string) {
  const directory = join(folder, `stack-${count++}`);
  mkdirSync(directory);
  writeFileSync(join(directory, 'cdk.tf.json'), json);
  if (lock !== undefined) writeFileSync(join(directory, '.terraform.lock.hcl'), lock);
  const planFile = join(directory, 'strata.tfplan');
  writeFileSync(planFile, 'the plan');
  return { directory, planFile };
}

async function stored(lock?: string) {
  const plans = new StoredPlans(new Folder(join(folder, `store-${count++}`)));
  const reference = await plans.save(result, new Map([['00-vpc', place(undefined, lock)]]), NOW);
  return { plans, reference, plan: await plans.load(reference, OWNER) };
}

test('a stored plan is found by its reference, and applied in another checkout of the same configuration', async () => {
  const { plans, reference, plan } = await stored('the lock');
  expect(reference).toMatch(/^20260105-093000-[0-9a-f]{12}$/);
  expect(plan.result).toEqual({ ...result, reference });
  const elsewhere = place(undefined, 'another lock');
  writeFileSync(elsewhere.planFile, 'an older plan');
  await plans.fetch(reference, plan, '00-vpc', elsewhere);
  expect(readFileSync(elsewhere.planFile, 'utf8')).toBe('the plan');
  expect(readFileSync(join(elsewhere.directory, '.terraform.lock.hcl'), 'utf8')).toBe('the lock');
});

test('a plan of another configuration is refused, and its file is not fetched', async () => {
  const { plans, reference, plan } = await stored();
  const other = place('{"a":2}');
  await expect(plans.fetch(reference, plan, '00-vpc', other)).rejects.toMatchObject({
    message: `plan ${reference} of 00-vpc was made from another configuration than this checkout; check out what was reviewed, or plan again`,
    exitCode: 3,
  });
});

test('a plan made without a lock file is refused where there is one', async () => {
  const { plans, reference, plan } = await stored();
  await expect(plans.fetch(reference, plan, '00-vpc', place(undefined, 'a lock'))).rejects.toThrow(
    'another configuration',
  );
});

test.each(['latest', '../../../etc/passwd', '20260105-093000-0123456789ab/..'])(
  '"%s" is not a reference',
  async (reference) => {
    const { plans } = await stored();
    await expect(plans.load(reference, OWNER)).rejects.toMatchObject({ exitCode: 2 });
  },
);

test('a plan of another environment is refused', async () => {
  const { plans, reference } = await stored();
  await expect(plans.load(reference, { platform: 'threads', env: 'staging' })).rejects.toThrow(
    `plan ${reference} is of threads prod, not of threads staging`,
  );
});

test('a plan that was never stored is said to be missing, and one that was stored is never overwritten', async () => {
  const { plans } = await stored();
  await expect(plans.load('20260105-093000-0123456789ab', OWNER)).rejects.toThrow('it does not exist');
  const stacks = new Map([['00-vpc', place()]] as const);
  const twice = new StoredPlans(new Folder(join(folder, 'twice')));
  await twice.save(result, stacks, NOW);
  await expect(twice.save(result, stacks, NOW)).rejects.toThrow('it exists already');
});
