import { copyFileSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { APP, CDKTF, ROOT, runCommand, sandboxCommand } from '../helpers/sandbox-command';

jest.setTimeout(180_000);

const { folder, directory, inside } = sandboxCommand();

const NPM = ['npm', '--silent', '--prefix', ROOT, 'run', 'sandbox', '--'];

test('the real cdktf deploys three layers in one command, then finds nothing to change; ours show it, snapshot it, and say that it sleeps', async () => {
  const project = mkdtempSync(join(folder, 'project-'));
  writeFileSync(join(project, 'cdktf.json'), JSON.stringify({ language: 'typescript', app: APP, projectId: 'test' }));
  const layers = ['vpc-prod', 'k8s-prod', 'argocd-app-prod'];
  const deployed = await inside(project, CDKTF, 'deploy', ...layers, '--auto-approve', '--no-color');
  expect(deployed).toMatchObject({ code: 0, output: expect.stringContaining('vm_internal_ip = 10.10.0.10') });
  expect(deployed.output).toContain('Warning: Simulated google provider');
  expect(deployed.output).not.toContain('NODE_OPTIONS');
  const diff = await inside(project, CDKTF, 'diff', 'k8s-prod', '--no-color');
  expect(diff).toMatchObject({ code: 0, output: expect.stringContaining('no changes are needed') });

  const ours = (script: string, words: string) => `node -r ${ROOT}/register.cjs ${ROOT}/scripts/${script}.ts ${words}`;
  const day = [
    ours('status', '--env prod'),
    ours('snapshot', 'make --layer 01-k8s --env prod'),
    ours('snapshot', 'list --json --env prod'),
    ours('restore', '--dry-run --json --env prod'),
    ours('restore', '--no-apply --json --env prod'),
    ours('kubeconfig', 'prod --dry-run --json'),
    `printf x | ${ours('secret', 'set postgres-password --json --env prod')}`,
  ];
  const { code, output } = await inside(project, 'bash', '-c', day.join(' && '));
  expect(code).toBe(0);
  expect(output).toMatch(/^ {2}VM {9}awake/m);
  expect(output).toMatch(/^ {2}layers {5}00-vpc {9}\d+ resources$/m);
  expect(output).toMatch(/^ {2}secrets {4}empty {3}threads-prod-postgres-password$/m);
  expect(output).toContain('"nodeName": "threads-prod-vm"');
  expect(output).toContain('"outcome": "passed"');
  expect(output).not.toContain('"outcome": "refused"');
  expect(output).toMatch(/^\{"dryRun":true,"file":"\S+\/threads-prod\.yaml","vm":"threads-prod-vm"\}$/m);
  expect(output).toMatch(/^\{"name":"threads-prod-postgres-password","state":"set"\}$/m);
  expect(JSON.parse(readFileSync(join(directory, 'restores/threads/restore.json'), 'utf8'))).toMatchObject({
    prod: { generation: 2 },
  });
  for (const tree of [ROOT, project]) expect(existsSync(join(tree, 'platforms/threads/restore.json'))).toBe(false);

  const ways = [ours('tunnel', 'prod true'), ours('open', 'nextjs'), ours('kubeconfig', 'prod')];
  const said = ways.map((command) => `${command}; echo "exit code $?"`).join('; ');
  const night = await inside(project, '--advance', '13h', 'bash', '-c', said);
  expect(night.output).toMatch(/^\S+Z {2}threads-prod-vm stopped$/m);
  expect(night.output).toMatch(/^\S+Z {2}snapshot threads-prod-vm-boot-g1-\S+ created$/m);
  expect(night.output).toMatch(/^sandbox: it is \S+Z now$/m);
  expect(night.output.match(/^exit code 5$/gm)).toHaveLength(3);
  expect(
    night.output.match(/^threads-prod-vm is asleep until 09:00 Asia\/Taipei, when its power schedule starts it$/gm),
  ).toHaveLength(3);
});

test('the configuration of somebody else applies, is stable, and is destroyed', async () => {
  const project = mkdtempSync(join(folder, 'foreign-'));
  copyFileSync(join(ROOT, 'test/fixtures/foreign/main.tf'), join(project, 'main.tf'));
  const terraform = (...words: string[]) =>
    inside(project, '--bucket', 'demo-state', 'terraform', ...words, '-no-color');
  expect(await terraform('init')).toMatchObject({ code: 0 });
  const applied = await terraform('apply', '-auto-approve');
  expect(applied).toMatchObject({ code: 0, output: expect.stringContaining('0 changed, 0 destroyed') });
  expect(applied.output).not.toContain('topsecretvalue');
  expect(await terraform('plan', '-detailed-exitcode')).toMatchObject({ code: 0 });
  expect(await terraform('destroy', '-auto-approve')).toMatchObject({ code: 0 });
});

test('kubectl finds every cluster that exists by its context, and the first environment without one', async () => {
  const clouds = ['--platform', 'real-estate', '--directory', join(folder, 'existing')];
  const { output } = await inside(folder, ...clouds, 'kubectl', 'config', 'get-contexts', '--no-headers');
  expect(
    output.match(/(hetzner|kind)-[a-z-]+(?= .*admin)/g)?.filter((name, at, all) => all.indexOf(name) === at),
  ).toEqual(['hetzner-dev-cluster', 'hetzner-prod-cluster', 'hetzner-test-cluster', 'kind-real-estate']);
  expect(output).toMatch(/^\* +hetzner-prod-cluster /m);
});

test("kubectl's current cluster is that of the environment that is named", async () => {
  const current = ['kubectl', 'config', 'current-context'];
  expect(await inside(folder, '--env', 'local', ...current)).toMatchObject({
    code: 0,
    output: expect.stringMatching(/^kind-threads$/m),
  });
  expect(await inside(folder, '--env', 'nope', ...current)).toMatchObject({
    code: expect.any(Number),
    output: expect.stringContaining('nope'),
  });
});

test('npm forwards the working folder and the exit code', async () => {
  const words = [...NPM, '--directory', directory, 'sh', '-c', 'pwd; exit 7'];
  const { code, output } = await runCommand(folder, words, { INIT_CWD: folder });
  expect({ code, line: output.split('\n')[0] }).toEqual({ code: 7, line: folder });
});

test.each([
  ['no command at all', [], 'no command given'],
  ['a command with --types', ['--types', 'extra'], '--types runs no command; got "extra"'],
  ['an empty name of a bucket', ['--bucket', '', 'true'], 'give a name of 3 to 63 lowercase letters'],
  ['a span of a century', ['--advance', '99999999h'], 'longer than 366 days'],
])('%s is wrong usage', async (_, words, message) => {
  expect(await inside(folder, ...words)).toMatchObject({ code: 2, output: expect.stringContaining(message) });
});
