import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { simulatedProviders } from '../types';

const SANDBOX = join(__dirname, '..');

/** Where a source reads a variable of the environment: in TypeScript, in JavaScript, and in shell scripts. */
const READS = [
  /(?:process\.env|inherited)\['(\w+)'\]/g,
  /process\.env\.([A-Z]\w+)/g,
  /\$\{?((?:STRATA|GOOGLE)_\w+)/g,
  /(?<=kept='[^']*)\b([A-Z_]{2,})\b/g,
];

const sources = readdirSync(SANDBOX, { recursive: true, encoding: 'utf8' })
  .filter((path) => /^(?!test\/|dist\/).*(\.ts|\.sh)$|^(shims|bin)\/./.test(path))
  .map((path) => readFileSync(join(SANDBOX, path), 'utf8'));

function readBySources(): string[] {
  const named = sources.flatMap((text) =>
    READS.flatMap((pattern) => [...text.matchAll(pattern)].map(([, name]) => name)),
  );
  return [...new Set(named)].map(String).sort();
}

test('README lists every environment variable that the sandbox reads, and no other', () => {
  const [, section = ''] =
    /^## Environment variables\n([\s\S]*?)^## /m.exec(readFileSync(join(SANDBOX, 'README.md'), 'utf8')) ?? [];
  const listed = [...section.matchAll(/`([A-Z][A-Z_]+)`/g)].map(([, name]) => name);
  expect([...new Set(listed)].sort()).toEqual(readBySources());
});

test('every variable that a provider reads passes the isolation', () => {
  const [, kept = ''] = /kept='([^']*)'/.exec(readFileSync(join(SANDBOX, 'isolated.sh'), 'utf8')) ?? [];
  const nowhere = {
    fromKubeconfig: () => {
      throw new Error('no provider connects to a cluster here');
    },
  };
  const read = simulatedProviders(nowhere).flatMap(({ environment = {} }) => Object.values(environment).flat());
  expect(read).toContain('GOOGLE_PROJECT');
  expect(read.filter((name) => !kept.split(/\s+/).includes(name))).toEqual([]);
});
