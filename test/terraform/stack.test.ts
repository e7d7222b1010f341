import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Stack } from '../../terraform/stack';
import { temporaryFolder } from '../helpers/synth';

const folder = temporaryFolder();
writeFileSync(join(folder, 'cdk.tf.json'), '{}');

/** The stack, where `terraform` is a shell script. */
function stackWith(script: string, onOutput?: (text: string) => void): Stack {
  const programs = join(folder, 'programs');
  mkdirSync(programs, { recursive: true });
  writeFileSync(join(programs, 'terraform'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(programs, 'terraform'), 0o755);
  return new Stack('vpc-prod', folder, {
    env: { PATH: [programs, process.env['PATH']].join(delimiter) },
    onOutput,
  });
}

test('an apply fails if terraform is killed, and says what may be left', async () => {
  await expect(stackWith('echo "aws_instance.a: Creating..."; kill -9 $$').apply()).rejects.toThrow(
    /^terraform apply in vpc-prod was ended by SIGKILL: the state may still be locked, and its last operations may be missing in the state; repair it with npm run state -- doctor --heal, or see docs\/runbooks\/state-lock\.md$/,
  );
});

test('a failed apply has the message of terraform', async () => {
  await expect(stackWith('echo "Error: quota exceeded"; exit 1').apply()).rejects.toThrow(
    'terraform apply failed in vpc-prod\nError: quota exceeded',
  );
});

test('no log has values of a state or a plan', async () => {
  const log: string[] = [];
  const values = '{"serial":7,"secret":"correct-horse","values":{"root_module":{}}}';
  const stack = stackWith(`case $1 in init) echo Initializing ;; *) echo '${values}' ;; esac`, (text) =>
    log.push(text),
  );
  expect(await stack.state()).toEqual([]);
  expect(await stack.serial()).toBe(7);
  expect(await stack.showPlan()).toMatchObject({ secret: 'correct-horse' });
  expect(log.join('')).toBe('Initializing\n');
});
