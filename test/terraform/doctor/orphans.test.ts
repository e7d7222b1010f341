import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { adopt, findOrphans } from '../../../terraform/doctor/orphans';
import type { PlanJson } from '../../../terraform/plan';
import { TerraformError } from '../../../terraform/stack';
import { temporaryFolder } from '../../helpers/synth';

const directory = temporaryFolder();
writeFileSync(join(directory, 'cdk.tf.json'), JSON.stringify({ provider: { google: [{ project: 'p' }] } }));
const FILE = join(directory, 'strata-doctor.tf.json');

const ID = (name: string) => `projects/p/global/networks/${name}`;

/** A stack that describes networks, of which some exist. */
function stackOf(
  described: readonly string[],
  existing: readonly string[],
  actions: ('update' | 'delete' | 'create')[] = [],
) {
  const plans: string[][] = [];
  const applied: string[][] = [];
  const imports = () =>
    (JSON.parse(readFileSync(FILE, 'utf8')) as { import: { to: string; id: string }[] }).import.map(({ id }) => id);
  return {
    id: 'vpc-prod',
    directory,
    plans,
    applied,
    planJson: (): Promise<PlanJson> => {
      plans.push(imports());
      const missing = imports().filter((id) => !existing.some((name) => ID(name) === id));
      // Terraform breaks the lines of a message, also before an id.
      const log = missing
        .map((id) => `│ Error: Cannot import non-existent remote object\n│ \n│ the id\n│ "${id}"\n`)
        .join('');
      if (missing.length > 0) return Promise.reject(new TerraformError('vpc-prod', 'plan', log));
      return Promise.resolve({
        resource_changes: described.map((name) => {
          const importing = imports().includes(ID(name)) ? { importing: { id: ID(name) } } : {};
          return {
            address: `google_compute_network.${name}`,
            type: 'google_compute_network',
            mode: 'managed' as const,
            change: { actions: importing.importing ? actions : (['create'] as const), after: { name }, ...importing },
          };
        }),
      });
    },
    apply: () => {
      applied.push(imports());
      return Promise.resolve();
    },
  };
}

test('what a plan would create and the cloud has is an orphan; what the cloud lacks is none', async () => {
  const stack = stackOf(['one', 'two', 'three'], ['two']);
  expect(await findOrphans(stack)).toEqual([
    { address: 'google_compute_network.two', type: 'google_compute_network', id: ID('two') },
  ]);
  expect(stack.plans).toEqual([[], [ID('one'), ID('two'), ID('three')], [ID('two')]]);
  expect(existsSync(FILE)).toBe(false);
});

test('what is in another state is no orphan', async () => {
  expect(await findOrphans(stackOf(['one'], ['one']), { known: new Set([ID('one')]) })).toEqual([]);
});

test('a plan that fails for another reason is not taken for an answer', async () => {
  const stack = {
    ...stackOf(['one'], []),
    planJson: () => Promise.reject(new TerraformError('vpc-prod', 'plan', 'Error: quota')),
  };
  await expect(findOrphans(stack)).rejects.toThrow('terraform plan failed in vpc-prod\nError: quota');
  expect(existsSync(FILE)).toBe(false);
});

test('orphans are imported once that is confirmed', async () => {
  const stack = stackOf(['one'], ['one'], ['update']);
  const orphans = await findOrphans(stack);
  await expect(adopt(stack, orphans, () => Promise.reject(new Error('not confirmed')))).rejects.toThrow(
    'not confirmed',
  );
  expect(stack.applied).toEqual([]);
  await adopt(stack, orphans, () => Promise.resolve());
  expect(stack.applied).toEqual([[ID('one')]]);
  expect(existsSync(FILE)).toBe(false);
});

test('an import that would replace what exists is refused', async () => {
  const stack = stackOf(['one'], ['one'], ['delete', 'create']);
  const orphans = [{ address: 'google_compute_network.one', type: 'google_compute_network', id: ID('one') }];
  await expect(adopt(stack, orphans, () => Promise.resolve())).rejects.toThrow(
    'the imports of vpc-prod would replace google_compute_network.one: what exists differs from what the layer describes. ' +
      'Compare them, then delete the object or change the description',
  );
  expect(stack.applied).toEqual([]);
});
