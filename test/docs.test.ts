import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
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
    (block) => block.match(/npm run (bootstrap|secret|snapshot|restore|ship|gate|images -- status)\b[^|&\n#]*/g) ?? [],
  );
  expect(commands.filter((command) => !command.includes(' --env '))).toEqual([]);
});

/** The commands of ours in a page, as words: lines of its blocks, and code in its sentences and tables. */
function commandsIn(page: string): string[][] {
  const text = readFileSync(page, 'utf8').replaceAll(/\\\n\s*/g, '');
  const code = [...text.matchAll(/```sh\n([^`]*)```|`(npm run [^`\n]+)`/g)].flatMap(([, block, inline]) =>
    (block ?? inline ?? '').split('\n'),
  );
  return (
    code
      .flatMap((line) => line.replace(/ +# .*/, '').match(/\bnpm run (?:[^|&;<>()"\\]|\\\||"[^"]*")+/g) ?? [])
      // A command may run another one: in the sandbox, or through a tunnel.
      .flatMap((line) => line.split(/(?=\bnpm run )/))
      .flatMap((line) => choices(line.trim()))
      .map((line) => (line.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', '')))
      .map((words) => words.filter((word) => word !== '-s'))
  );
}

/** One line for each choice of a table: `set\|pin`. */
function choices(line: string): string[] {
  const [all = '', list = ''] = / (\w[\w-]*(?:\\\|[\w-]+)+)/.exec(line) ?? [];
  return list ? list.split('\\|').map((one) => line.replace(all, ` ${one}`)) : [line];
}

test.each(PAGES)('%s names commands that exist, with their options', (page) => {
  const refused = commandsIn(page)
    .flatMap((words) => commandProblems(words))
    // A sentence or a table names a command without what it needs.
    .filter((problem) => !/missing|not specified|outputHelp/.test(problem));
  expect(refused).toEqual([]);
});

test('a command of a page is found wherever it is named', () => {
  expect(PAGES.flatMap(commandsIn).length).toBeGreaterThan(100);
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

const DOCUMENTS = execFileSync('git', ['ls-files', '-z', '*.md'], { encoding: 'utf8' })
  .split('\0')
  .filter((file) => existsSync(file));

test('every link of a document leads to a file that exists', () => {
  const links = DOCUMENTS.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)].map(([, to = '']) => ({
      file,
      to,
    })),
  );
  expect(links.length).toBeGreaterThan(30);
  expect(links.filter(({ file, to }) => !existsSync(join(dirname(file), to)))).toEqual([]);
});

test('no two decisions have the same number, in the name of its file as in its title', () => {
  const files = readdirSync(join('docs', 'adr'));
  const numbers = files.map((name) => Number(name.slice(0, 4)));
  const titles = files.map((name) => readFileSync(join('docs', 'adr', name), 'utf8').split('.')[0]);
  expect(numbers.filter((number, index) => numbers.indexOf(number) !== index)).toEqual([]);
  expect(titles).toEqual(numbers.map((number) => `# ${number}`));
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
