import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { FIRST_SERVICES } from '../constructs/google/project-services';
import { commandProblems } from './workflows/commands';

const RUNBOOKS = join('docs', 'runbooks');
const PAGES = ['README.md', ...readdirSync(RUNBOOKS).map((name) => join(RUNBOOKS, name))];

// cdktf ends with a usage error otherwise, before it does anything.
test.each(PAGES)('%s names the layers that cdktf requires, or says that they are deployed', (page) => {
  const commands = readFileSync(page, 'utf8').match(/npx cdktf (deploy|destroy) [^`\n]*/g) ?? [];
  const refused = commands.filter(
    (command) => /(k8s|argocd-app)-/.test(command) && !/ vpc-|--ignore-missing-stack-dependencies/.test(command),
  );
  expect(refused).toEqual([]);
});

test.each(PAGES)('%s names the environment of every command in a block that needs one', (page) => {
  const blocks = readFileSync(page, 'utf8').match(/```sh\n[^`]*```/g) ?? [];
  const commands = blocks.flatMap(
    (block) => block.match(/npm run (secret|snapshot|restore|ship|gate|images -- status)\b[^|&\n#]*/g) ?? [],
  );
  expect(commands.filter((command) => !command.includes(' --env '))).toEqual([]);
});

test('README enables the first services, all of them and no others', () => {
  const [, enabled = ''] =
    /gcloud services enable --project PROJECT ([^`]*?)\n +gcloud/.exec(readFileSync('README.md', 'utf8')) ?? [];
  const services = enabled.match(/\w+(?=\.googleapis\.com)/g);
  expect(services).toEqual(FIRST_SERVICES);
});

describe('the key that README makes for dumps', () => {
  const [, block = ''] = /```sh\n( +gcloud storage hmac create [^`]*)```/.exec(readFileSync('README.md', 'utf8')) ?? [];
  const bin = mkdtempSync(join(tmpdir(), 'docs-'));
  const log = join(bin, 'log');
  afterAll(() => rmSync(bin, { recursive: true }));

  function runWith(gcloud: string) {
    rmSync(log, { force: true });
    writeFileSync(join(bin, 'gcloud'), `#!/bin/sh\n${gcloud}\n`, { mode: 0o755 });
    writeFileSync(join(bin, 'npm'), `#!/bin/sh\necho "$* <$(cat)>" >> ${log}\n`, { mode: 0o755 });
    const PATH = [bin, process.env['PATH']].join(delimiter);
    const { status } = spawnSync('bash', ['-c', block], { env: { ...process.env, PATH } });
    return { status, log: existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [] };
  }

  test('goes into its two secrets', () => {
    expect(runWith("printf 'id-1\\tsecret/1+\\n'")).toEqual({
      status: 0,
      log: [
        'run secret -- set object-storage-access-key-id --env prod <id-1>',
        'run secret -- set object-storage-secret-access-key --env prod <secret/1+>',
      ],
    });
  });

  test('is set nowhere when gcloud makes none', () => {
    expect(runWith('exit 1')).toEqual({ status: 1, log: [] });
  });
});

// `npm run bench:hostile -- --only documents` runs them.
test.each(PAGES.slice(1))('%s shows only calls that the commands accept', (page) => {
  const blocks = readFileSync(page, 'utf8').match(/```sh\n[^`]*```/g) ?? [];
  const calls = blocks.flatMap(
    (block) => block.replace(/\\\n\s*/g, '').match(/npm run (?!.*npm run )(?:"[^"\n]*"|[^"|&;#<>)\n])*/g) ?? [],
  );
  const words = calls.map((call) =>
    [...call.matchAll(/"([^"]*)"|'([^']*)'|\S+/g)].map(([word, a, b]) => a ?? b ?? word),
  );
  expect(words.flatMap((call) => commandProblems(call))).toEqual([]);
});

describe('the page about the architecture', () => {
  const page = readFileSync(join('docs', 'architecture.md'), 'utf8');
  const cells = page
    .split('\n')
    .filter((line) => line.startsWith('| **'))
    .map((line) => line.split(' | '));
  const quoted = (index: number) =>
    cells.flatMap((row) => [...(row[index] ?? '').matchAll(/`([^`]+)`/g)].map(([, text = '']) => text));

  test('names folders and commands that exist', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      scripts: Readonly<Record<string, string>>;
    };
    expect(quoted(1).filter((folder) => !existsSync(folder))).toEqual([]);
    const commands = quoted(2).filter((command) => !command.startsWith('npx '));
    expect(commands.filter((command) => !scripts[command.replace(/^npm run /, '')])).toEqual([]);
  });

  test('names every folder that README lists, but for those about tests and documentation', () => {
    const [, table = ''] = readFileSync('README.md', 'utf8').split('## What is in this repository');
    const folders = [...(table.split('\n## ')[0] ?? '').matchAll(/^\| `([\w-]+\/)`/gm)].map(
      ([, folder = '']) => folder,
    );
    const left = ['bench/', 'images/', 'docs/', 'test/'];
    expect(folders.filter((folder) => !left.includes(folder) && !page.includes(`\`${folder}\``))).toEqual([]);
  });
});
