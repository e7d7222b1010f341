import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { objectsOf } from '../../manifests/checks/render';
import { ROOT } from '../../manifests/checks/sources';
import { loadPlatform } from '../../platforms/load';
import { synthesise } from '../../stacks/app';
import { ENVIRONMENTS } from '../helpers/environments';
import { lacking, suiteUnless } from '../helpers/lane';
import { type Json, temporaryFolder } from '../helpers/synth';

const scans = temporaryFolder();
const tracked = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
/** Folders whose content becomes a repository: each has its workflows where GitHub looks for them. */
const repositories = repositoriesOf(tracked.filter((file) => /(^|\/)workflows\/[^/]+\.ya?ml$/.test(file)));
const scripts = tracked.filter((file) => {
  const [first = ''] = readFileSync(join(ROOT, file), 'utf8').split('\n', 1);
  return /^#!.*\b(ba)?sh$/.test(first);
});

/** The suite of a scanner that is installed and has files to scan. */
function scanner(name: string, source: string, files?: readonly string[]): jest.Describe {
  const lacks = lacking([name]).map((missing) => `${missing} (${source})`);
  return suiteUnless([...lacks, ...(files?.length === 0 ? ['a file for it to scan'] : [])], name);
}

function run(command: string, args: readonly string[], cwd = ROOT) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 256 << 20 });
  return { status, stdout, stderr };
}

scanner(
  'shellcheck',
  "Debian's package shellcheck",
  scripts,
)('shellcheck', () => {
  test.each(scripts)('finds nothing in %s', (script) => {
    expect(run('shellcheck', [script])).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});

scanner(
  'actionlint',
  'go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12',
  repositories.flatMap(({ files }) => files),
)('actionlint', () => {
  test.each(repositories)('finds nothing in the workflows of $name', ({ files }) => {
    expect(run('actionlint', ['-no-color'], installed(files))).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});

scanner(
  'zizmor',
  'pip install zizmor',
  repositories.flatMap(({ files }) => files),
)('zizmor', () => {
  const config = join(ROOT, '.github/zizmor.yml');
  const plain = ['--offline', '--no-progress', '--format=plain'];
  const options = [...plain, `--config=${config}`];

  test.each(repositories)('finds nothing in the workflows of $name', ({ files }) => {
    const { status, stdout } = run('zizmor', [...options, '.'], installed(files));
    expect(status === 0 ? '' : stdout).toBe('');
  });

  test('would find something by every rule that zizmor.yml changes', () => {
    const { rules } = parse(readFileSync(config, 'utf8')) as { rules: Readonly<Record<string, unknown>> };
    const found = repositories.map(
      ({ files }) => run('zizmor', [...plain, '--no-config', '.'], installed(files)).stdout,
    );
    expect(Object.keys(rules).filter((rule) => !found.some((text) => text.includes(`[${rule}]`)))).toEqual([]);
  });

  test('would find an action that is not pinned', () => {
    const [{ files } = { files: [] }] = repositories;
    const folder = installed(files);
    const file = join(folder, '.github/workflows', basename(files[0] ?? ''));
    writeFileSync(file, readFileSync(file, 'utf8').replace(/@[0-9a-f]{40} #/, '@'));
    expect(run('zizmor', [...options, '.'], folder)).toMatchObject({
      status: expect.any(Number),
      stdout: expect.stringContaining('unpinned-uses'),
    });
  });
});

function repositoriesOf(files: readonly string[]) {
  const folders = [...new Set(files.map((file) => dirname(file)))];
  return folders.map((folder) => ({ name: folder, files: files.filter((file) => dirname(file) === folder) }));
}

/** A repository with some workflows. @returns its folder */
function installed(files: readonly string[]): string {
  const folder = mkdtempSync(join(scans, 'repository-'));
  execFileSync('git', ['init', '--quiet', folder]);
  mkdirSync(join(folder, '.github/workflows'), { recursive: true });
  for (const file of files) copyFileSync(join(ROOT, file), join(folder, '.github/workflows', basename(file)));
  return folder;
}

scanner('checkov', 'pip install checkov')('checkov', () => {
  const folder = temporaryFolder();
  let failures: readonly { readonly rule: string; readonly where: string }[] = [];
  beforeAll(() => {
    for (const name of new Set(ENVIRONMENTS.map(({ platform }) => platform)))
      synthesise(loadPlatform(name), join(folder, 'terraform'));
    mkdirSync(join(folder, 'trees'));
    for (const environment of ENVIRONMENTS) {
      const file = [environment.platform, environment.overlays[0]].join('/').replaceAll('/', '-');
      writeFileSync(
        join(folder, 'trees', `${file}.yaml`),
        objectsOf(environment)
          .map((object) => stringify(object))
          .join('---\n'),
      );
    }
    failures = [
      ...scan('terraform_json', join(folder, 'terraform')),
      ...scan('kubernetes', join(folder, 'trees')),
      ...scan('dockerfile', join(ROOT, 'images')),
    ];
  });

  /** What fails, whether `.checkov.yaml` leaves it out or not: outside the repository checkov does not find that file. */
  function scan(framework: string, directory: string) {
    const options = ['--quiet', '--compact', '--skip-download', '--output=json', '--soft-fail'];
    const { status, stdout, stderr } = run(
      'checkov',
      [...options, '--framework', framework, '--directory', directory],
      folder,
    );
    if (status !== 0) throw new Error(`checkov ended with ${status}: ${stderr}`);
    const { results, summary } = JSON.parse(stdout);
    process.stdout.write(`checkov ${framework}: ${summary.passed} passed, ${summary.failed} failed\n`);
    return results.failed_checks.map(({ check_id, check_name, file_path, resource }: Json) => ({
      rule: check_id,
      where: `${check_id} ${check_name}: ${file_path} ${resource}`,
    }));
  }

  const explained = [...readFileSync(join(ROOT, '.checkov.yaml'), 'utf8').matchAll(/((?: *#.*\n)*) *- (CKV\w+)/g)];
  const rules = explained.map(([, , rule]) => rule);

  test('finds nothing that .checkov.yaml does not leave out', () => {
    expect(failures.filter(({ rule }) => !rules.includes(rule)).map(({ where }) => where)).toEqual([]);
  });

  test('would find something by every rule that .checkov.yaml leaves out', () => {
    expect(rules.filter((left) => !failures.some(({ rule }) => rule === left))).toEqual([]);
  });

  test('a rule is left out for a reason', () => {
    expect(explained.filter(([, reason]) => !reason?.trim()).map(([, , rule]) => rule)).toEqual([]);
  });
});
