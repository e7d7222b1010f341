import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadPlatform } from '../../platforms/load';
import { buildApp } from '../../stacks/app';
import { type Json, temporaryFolder } from '../helpers/synth';

const folder = temporaryFolder();
const home = join(folder, 'home');
const work = join(folder, 'work');
const kubeconfig = join(home, '.kube/strata/threads-prod.yaml');

/** A layer's reading of the one before, with a state on disk in place of the bucket. Needs no provider. */
function prepare(stack: string, name: string): void {
  const app = buildApp(loadPlatform('threads'), join(folder, 'out'));
  const { data } = (app.node.findChild(stack) as Json).toTerraform();
  const outputs = { kubeconfig_path: { value: '~/.kube/strata/threads-prod.yaml', type: 'string' } };
  const state = data.terraform_remote_state[name];
  const local = { ...state, backend: 'local', config: { path: 'earlier.tfstate' } };
  rmSync(home, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  writeFileSync(
    join(work, 'earlier.tfstate'),
    JSON.stringify({ version: 4, terraform_version: '1.11.4', serial: 1, lineage: 'x', outputs, resources: [] }),
  );
  writeFileSync(join(work, 'main.tf.json'), JSON.stringify({ data: { terraform_remote_state: { [name]: local } } }));
}

function terraform(...args: string[]) {
  const env = { PATH: process.env['PATH'], HOME: home, CHECKPOINT_DISABLE: '1' };
  const { status, stdout, stderr } = spawnSync('terraform', [...args, '-no-color', '-input=false'], {
    cwd: work,
    env,
    encoding: 'utf8',
  });
  return { status, text: (stdout + stderr).replace(/[│\s]+/g, ' ') };
}

test.each([
  ['k8s-prod', 'vpc'],
  ['argocd-app-prod', 'k8s'],
])('%s without a kubeconfig fails with the command that makes it', (stack, name) => {
  prepare(stack, name);
  terraform('init');
  const { status, text } = terraform('plan');
  expect(text).toContain(`kubeconfig ${kubeconfig} does not exist; create it with: npm run kubeconfig -- prod`);
  expect(status).toBe(1);

  mkdirSync(dirname(kubeconfig), { recursive: true });
  writeFileSync(kubeconfig, '');
  expect(terraform('plan').status).toBe(0);
});

test('a cluster that is not ours is refused without the kubeconfig of its context', () => {
  const app = buildApp(loadPlatform('threads'), join(folder, 'out'));
  const { variable } = (app.node.findChild('k8s-local') as Json).toTerraform();
  rmSync(home, { recursive: true, force: true });
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  writeFileSync(join(work, 'main.tf.json'), JSON.stringify({ variable }));
  const { status, text } = terraform('plan');
  expect(text).toContain(
    `kubeconfig ${home}/.kube/config does not exist; copy a kubeconfig with context "kind-threads" to this path`,
  );
  expect(status).toBe(1);

  mkdirSync(join(home, '.kube'), { recursive: true });
  writeFileSync(join(home, '.kube/config'), '');
  expect(terraform('plan').status).toBe(0);
});
