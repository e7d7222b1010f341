import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { ownImages } from '../../delivery/image/own-images';
import { ACTIONS } from '../../workflows/actions';
import { CUSTOM_MANAGERS, renovateFile } from '../../workflows/renovate';
import { loadPlatforms } from './platforms';

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.yaml'], {
  encoding: 'utf8',
}).split('\n');

/** What a manager of Renovate finds in this checkout: names and versions. */
function foundBy({ managerFilePatterns, matchStrings, depNameTemplate }: (typeof CUSTOM_MANAGERS)[number]): string[] {
  const patterns = managerFilePatterns.map((pattern) => new RegExp(pattern.slice(1, -1)));
  return files
    .filter((file) => patterns.some((pattern) => pattern.test(file)))
    .flatMap((file) => {
      const text = readFileSync(file, 'utf8');
      return matchStrings.flatMap((regex) => [...text.matchAll(new RegExp(regex, 'g'))]);
    })
    .map(({ groups = {} }) => `${groups['depName'] ?? depNameTemplate} ${groups['currentValue']}`);
}

const [charts, actions, terraform, k0s] = CUSTOM_MANAGERS.map(foundBy);

test('every chart that a layer installs is found', () => {
  const sources = files.filter((file) => file.startsWith('constructs/')).map((file) => readFileSync(file, 'utf8'));
  const named = sources.flatMap((text) => [...text.matchAll(/\bchart: '([^']+)'/g)].map(([, name]) => name));
  expect(charts?.map((one) => one.split(' ')[0]).sort()).toEqual(named.sort());
  expect(named.length).toBeGreaterThan(0);
});

test('every action, terraform and k0s are found', () => {
  expect(actions).toEqual(Object.entries(ACTIONS).map(([name, { version }]) => `${name} ${version}`));
  expect(terraform).toEqual([expect.stringMatching(/^hashicorp\/terraform \d+\.\d+\.\d+$/)]);
  expect(k0s).toEqual([expect.stringMatching(/^k0sproject\/k0s v\d+\.\d+\.\d+\+k0s\.\d+$/)]);
});

test.each(loadPlatforms().map((one) => [one.platform.name, one] as const))(
  'the tags of own images of %s are left to deliveries',
  (_, { platform, isDefault }) => {
    const [path = '', text = ''] = renovateFile(platform, isDefault) ?? [];
    expect(readFileSync(path, 'utf8')).toBe(text);
    const { packageRules } = JSON.parse(text) as {
      packageRules: { enabled?: boolean; matchPackageNames?: string[] }[];
    };
    const left = packageRules.flatMap(({ enabled, matchPackageNames = [] }) =>
      enabled === false ? matchPackageNames : [],
    );
    expect(left).toEqual(ownImages(platform).map(({ repository }) => repository));
  },
);
