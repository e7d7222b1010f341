import { existsSync, readFileSync } from 'node:fs';

interface Locked {
  readonly version: string;
  readonly resolved?: string;
  /** A workspace of this repository. */
  readonly link?: true;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Locked> };
const [root = {}, sandbox = {}] = ['package.json', 'sandbox/package.json'].map((file) => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(file, 'utf8')) as Record<
    string,
    Record<string, string>
  >;
  return { ...dependencies, ...devDependencies };
});

test('the lock file has an entry for the binaries of every platform, whichever machine wrote it', () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter((name) => !foundFrom(path, name)),
  );
  expect(missing).toEqual([]);
});

test('the lock file names no download address, so that a mirror serves as well', () => {
  expect(Object.values(packages).filter(({ resolved, link }) => resolved && !link)).toEqual([]);
});

test('every version is exact', () => {
  const ranges = [...Object.entries(root), ...Object.entries(sandbox)].filter(
    ([, range]) => !/^(npm:[a-z]+@)?\d+\.\d+\.\d+$/.test(range),
  );
  expect(ranges).toEqual([]);
});

test('the sandbox uses the same version of a package as the rest of the repository', () => {
  const different = Object.keys(sandbox).filter((name) => name in root && root[name] !== sandbox[name]);
  expect(different).toEqual([]);
});

/** Node looks from a package's own folder upwards. */
function foundFrom(path: string, name: string): boolean {
  if (packages[`${path === '' ? '' : `${path}/`}node_modules/${name}`]) return true;
  return path !== '' && foundFrom(path.slice(0, Math.max(path.lastIndexOf('/node_modules/'), 0)), name);
}

test('every suite that npm test leaves out is run by another project', () => {
  const { projects } = jest.requireActual<{ projects: { displayName: string; testMatch: string[] }[] }>(
    '../jest.config.js',
  );
  const left = projects.flatMap(({ testMatch, displayName }) => (displayName === 'tests' ? [] : testMatch));
  expect(left.length).toBeGreaterThan(0);
  expect(left.filter((path) => !existsSync(path.replace('<rootDir>/', '')))).toEqual([]);
});
