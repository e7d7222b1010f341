import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import threads from '../../../platforms/threads/platform';
import { copiedTree } from '../../helpers/copied-tree';
import { DeliveryGround } from '../../helpers/delivery';
import { dryRuns, filesBelow, scriptsWithDryRun } from '../../helpers/dry-runs';
import { ROOT } from '../../helpers/sandbox-command';
import { temporaryFolder } from '../../helpers/synth';
import { failures, newDeployKey, outcomes, runWorkflow } from '../../workflows/runner/world';

jest.setTimeout(300_000);

const IMAGE = 'us-east1-docker.pkg.dev/web-service-design/threads/nextjs';
const folder = temporaryFolder();
let ground: DeliveryGround;
let source: string;
/** The tag of the commit that the first test ships. */
let first: string;

beforeAll(async () => {
  ground = await DeliveryGround.open('threads', 'prod', folder, ROOT);
  source = await ground.checkOut(threads.repository.url, threads.repository.branch);
});
afterAll(() => ground?.close());

const approve = (tag: string) => ground.ours('gate', 'approve', '--service', 'nextjs', '--tag', tag);
const ship = (...args: string[]) => ground.ours('ship', 'nextjs', '--source', source, ...args);
const running = () =>
  ground.kubectl(
    'get',
    'deployment/nextjs',
    '-n',
    'threads',
    '-o',
    'jsonpath={.spec.template.spec.containers[0].image}',
  );
const stepsOf = (json: string) => (JSON.parse(json) as { steps: { name: string }[] }).steps.map(({ name }) => name);

test('ships a commit to a verified rollout, posts to Slack, rolls back and pins', async () => {
  first = await ground.push(source, { Dockerfile: 'FROM scratch\n' });

  const refused = await ship();
  expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining(`no approval for nextjs ${first}`) });
  expect(await approve(first)).toMatchObject({ code: 0 });
  const dry = await ship('--dry-run');
  expect(dry).toMatchObject({
    code: 0,
    stderr: expect.stringContaining(`would change ${IMAGE} from 8caff6f to ${first}`),
  });
  expect(ground.messages()).toEqual([expect.stringContaining(`*nextjs* \`${first}\`: deployment to prod refused`)]);

  const shipped = await ship('--json');
  expect(shipped).toMatchObject({ code: 0 });
  expect(JSON.parse(shipped.stdout)).toMatchObject({
    service: 'nextjs',
    env: 'prod',
    tag: first,
    outcome: 'rolled out',
  });
  expect(stepsOf(shipped.stdout)).toEqual(['gate', 'lock', 'build', 'registry', 'tag', 'rollout', 'registry tags']);
  expect(await running()).toBe(`${IMAGE}:${first}`);
  expect(ground.messages().map((text) => text.split('\n')[0]?.replace(/ after .*/, ''))).toEqual([
    `*nextjs* \`${first}\`: deployment to prod refused`,
    `*nextjs* \`${first}\`: build started`,
    `*nextjs* \`${first}\`: build succeeded`,
    `*nextjs* \`${first}\`: deployment to prod started`,
    `*nextjs* \`${first}\`: deployment to prod succeeded`,
  ]);
  expect(ground.messages()[4]).toContain('https://github.com/unknowntpo/threads-nextjs/commit/');
  const tags = ground.sandbox.world.data.images[IMAGE];
  expect(tags?.['deployed-prod']?.digest).toBe(tags?.[first]?.digest);

  const again = await ship('--json');
  expect(stepsOf(again.stdout)).toEqual(['gate', 'lock', 'registry', 'tag', 'rollout', 'registry tags']);

  const verified = await ground.ours('verify');
  expect(verified).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`ok       threads  deployment/nextjs  ${IMAGE}:${first}`),
  });

  const back = await ground.ours('rollback', 'nextjs', '--reason', 'it is slow', '--json');
  expect(back).toMatchObject({ code: 0 });
  expect(JSON.parse(back.stdout)).toMatchObject({ from: first, to: '8caff6f', outcome: 'rolled out' });
  expect(await running()).toBe(`${IMAGE}:8caff6f`);
  expect(tags?.['pinned-prod']?.digest).toBe(tags?.['8caff6f']?.digest);
  expect(ground.messages().at(-1)).toContain(`*nextjs* \`${first} -&gt; 8caff6f\`: rollback in prod succeeded`);

  const second = await ground.push(source, { 'README.md': 'newer\n' });
  await approve(second);
  const held = await ship();
  expect(held).toMatchObject({ code: 3, stderr: expect.stringContaining('it is pinned to 8caff6f') });
  expect(held.stderr).toContain('it is slow');
  expect(await running()).toBe(`${IMAGE}:8caff6f`);
  expect(ground.messages().at(-1)).toContain(`*nextjs* \`${second}\`: deployment to prod refused`);
});

test('each way back ends in the same pin', async () => {
  const [head] = (await ground.git(source, 'ls-remote', 'origin', 'refs/heads/master')).split('\t');
  const dry = (...way: string[]) => ground.ours('rollback', 'nextjs', '--dry-run', '--json', ...way);
  expect(JSON.parse((await dry('--to', '8caff6f')).stdout)).toMatchObject({ to: '8caff6f', outcome: 'planned' });
  expect(JSON.parse((await dry('--argocd', '0')).stdout)).toMatchObject({ to: '8caff6f' });
  expect(await dry('--argocd', '99')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('has no id 99; expected one of 0 ('),
  });
  expect(await dry('--revert', 'c0ffee0')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('unknown commit "c0ffee0^" in the config repository'),
  });
  expect(await dry('--to', 'c0ffee0')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining(`${IMAGE}:c0ffee0 is not in the registry`),
  });
  expect(await dry('--to', '8caff6f', '--argocd', '1')).toMatchObject({ code: 2 });
  expect((await ground.git(source, 'ls-remote', 'origin', 'refs/heads/master')).split('\t')[0]).toBe(head);
});

test('the workflow of a service does the same, on a runner that has nothing but the settings of the platform', async () => {
  // Other tests open the tunnel of the platform too.
  const file = 'platforms/threads/platform.ts';
  const description = readFileSync(join(source, file), 'utf8').replace(
    '16_443',
    String(20_000 + (process.pid % 10_000)),
  );
  const tag = await ground.push(source, { [file]: description, 'ml-service/Dockerfile': 'FROM scratch\n' });
  const sha = await ground.git(source, 'rev-parse', 'HEAD');
  const world = {
    sandbox: ground.sandbox,
    platform: threads,
    workflows: '.github/workflows',
    folder,
    values: { CONFIG_DEPLOY_KEY: newDeployKey(folder) },
  };
  const event = {
    repository: 'unknowntpo/threads-nextjs',
    branch: 'master',
    sha,
    inputs: { environment: 'prod', tag: '' },
  };
  const run = (name: 'push' | 'workflow_dispatch', ...mistake: Parameters<typeof runWorkflow>[3][]) =>
    runWorkflow(world, '.github/workflows/ml-service.yml', { ...event, name }, ...mistake);

  const before = ground.messages().length;
  const broken = await run('workflow_dispatch', ['build-image.yml', '"$SERVICE" --env', '"$SERVCE" --env']);
  expect(outcomes(broken)).toEqual([
    'build: failure',
    'build / build: failure',
    'build / build / Build and push the image: failure',
    'prod: skipped',
    'staging: skipped',
    'notify: success',
    'notify / notify: success',
  ]);
  expect(ground.messages().slice(before)).toEqual([expect.stringMatching(/^\*ml-service\* `\w+`: build failed\n/)]);

  await ground.ours('gate', 'approve', '--service', 'ml-service', '--tag', tag);
  const jobs = await run('workflow_dispatch');
  expect(failures(jobs)).toBe('');
  expect(outcomes(jobs)).toEqual([
    'build: success',
    'build / build: success',
    'prod: success',
    'prod / gate: skipped',
    'prod / ship: success',
    'staging: skipped',
    'notify: skipped',
  ]);
  expect(jobs['build']?.outputs['tag']).toBe(tag);
  const image = '{.spec.template.spec.containers[0].image}';
  expect(await ground.kubectl('get', 'deployment/ml-service', '-n', 'threads', '-o', `jsonpath=${image}`)).toContain(
    tag,
  );
  expect(
    ground
      .messages()
      .slice(before + 1)
      .map((text) => text.split('\n')[0]?.replace(/ after .*/, '')),
  ).toEqual([
    `*ml-service* \`${tag}\`: build started`,
    `*ml-service* \`${tag}\`: build succeeded`,
    `*ml-service* \`${tag}\`: deployment to prod started`,
    `*ml-service* \`${tag}\`: deployment to prod succeeded`,
  ]);
});

test('every command with --dry-run has a row in the table of the next test', () => {
  expect(Object.keys(dryRuns('', ''))).toEqual(scriptsWithDryRun());
});

test('no command changes anything with --dry-run', async () => {
  const tree = copiedTree().root;
  const restores = join(tree, 'restores', 'threads', 'restore.json');
  mkdirSync(dirname(restores), { recursive: true });
  ground.variables = { STRATA_RESTORE_DIRECTORY: join(tree, 'restores') };
  const done = async (...args: Parameters<typeof ground.ours>) =>
    expect(await ground.ours(...args)).toMatchObject({ code: 0 });
  await done('tag', 'unpin', '--service', 'nextjs');
  await done('tag', 'pin', '--service', 'ml-service', '--reason', 'slow');
  await done('snapshot', 'make');
  await done('lock', 'take', '--reason', 'maintenance', '--owner', 'somebody', '--run', '1.1', '--detach');
  expect(await approve(await ground.push(source, { Dockerfile: 'FROM scratch\n# third\n' }))).toMatchObject({
    code: 0,
  });
  appendFileSync(join(ground.sandbox.env['HOME'] ?? '', '.kube', 'threads-prod.yaml'), '# not rewritten\n');
  const workflow = join(tree, 'platforms/techtorque/workflows/apply.yml');
  mkdirSync(dirname(workflow), { recursive: true });
  appendFileSync(workflow, '# edited\n');

  mkdirSync(join(tree, 'results'));
  const plan = { version: 1, platform: 'threads', env: 'prod', layers: [], guards: [], contracts: [] };
  writeFileSync(join(tree, 'results', 'plan.json'), JSON.stringify(plan));

  const [vm] = Object.values(ground.sandbox.world.data.resources['google_compute_instance'] ?? {});
  Object.assign(vm?.values ?? {}, { labels: { changed: 'outside' } });

  // Argo CD reads the commits above.
  await ground.sandbox.world.clock.advance(300);
  await ground.sandbox.world.clock.settled();

  const world = async () => ({
    ...ground.sandbox.world.data,
    time: 0,
    lastId: 0,
    files: filesBelow(tree),
    kubeconfigs: filesBelow(join(ground.sandbox.env['HOME'] ?? '', '.kube')),
    refs: await ground.git(source, 'ls-remote', 'origin'),
  });
  // Argo CD still looks at what was pushed above.
  const [head = ''] = (await ground.git(source, 'ls-remote', 'origin', 'refs/heads/master')).split('\t');
  const synced = `jsonpath={.status.sync.revision}=${head}`;
  const waited = await ground.kubectl(
    'wait',
    'application/threads',
    '-n',
    'argocd',
    `--for=${synced}`,
    '--timeout=120s',
  );
  expect(waited).toContain('condition met');
  const table = dryRuns(source, first);
  for (const [script, runs] of Object.entries(table)) {
    for (const { words, input = '', restores: content, isOfEnvironment = true, code: expected = 0, prints } of runs) {
      if (content) writeFileSync(restores, JSON.stringify(content));
      const before = structuredClone(await world());
      const where = isOfEnvironment ? ['--platform', 'threads', '--env', 'prod'] : [];
      const line = [
        '-r',
        join(ROOT, 'register.cjs'),
        join(ROOT, 'scripts', `${script}.ts`),
        ...words,
        ...where,
        '--dry-run',
      ];
      const { code, stdout, stderr } = await ground.run('node', line, tree, input);
      expect({ script, words, code, output: stdout + stderr }).toEqual({
        script,
        words,
        code: expected,
        output: expect.stringMatching(prints),
      });
      expect(await world()).toEqual(before);
      rmSync(restores, { force: true });
    }
  }
  await done('lock', 'release', '--owner', 'somebody', '--run', '1.1');
});

test('what somebody changed in the cluster is a difference', async () => {
  await ground.kubectl('scale', 'deployment/argocd-repo-server', '-n', 'argocd', '--replicas=0');
  await ground.kubectl('set', 'image', 'deployment/nextjs', '-n', 'threads', `nextjs=${IMAGE}:latest`);
  const found = await ground.ours('verify');
  expect(found).toMatchObject({
    code: 4,
    stdout: expect.stringContaining(`differs  threads  deployment/nextjs: wants ${IMAGE}:8caff6f, has ${IMAGE}:latest`),
  });
});
