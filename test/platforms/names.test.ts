import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import ts from 'typescript-5';

const git = (...patterns: string[]) =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...patterns], { encoding: 'utf8' })
    .split('\n')
    .filter((file) => file && existsSync(file));

const PLATFORMS = git('platforms/*/platform.ts').map((file) => file.split('/')[1] ?? '');

/**
 * Files of one platform, and tests. The default platform is in `cdktf.json`; README, docs, `.checkov.yaml` and the image of the
 * runners name platforms in prose.
 */
const OF_A_PLATFORM = new RegExp(`^((platforms|k8s)/(${PLATFORMS.join('|')})/|test/|sandbox/test/)`);

/** Strings and imported paths that are the name of a platform, or have it as a folder of a path; examples in prose do not count. */
function namedIn(source: string): string[] {
  const scanner = ts.createScanner(ts.ScriptTarget.ES2022, true, ts.LanguageVariant.Standard, source);
  const strings = [
    ts.SyntaxKind.StringLiteral,
    ts.SyntaxKind.NoSubstitutionTemplateLiteral,
    ts.SyntaxKind.TemplateHead,
    ts.SyntaxKind.TemplateMiddle,
    ts.SyntaxKind.TemplateTail,
  ];
  const found: string[] = [];
  for (let kind = scanner.scan(); kind !== ts.SyntaxKind.EndOfFileToken; kind = scanner.scan()) {
    const parts = scanner.getTokenValue()?.split('/') ?? [];
    if (strings.includes(kind) && parts.some((part) => PLATFORMS.includes(part))) found.push(scanner.getTokenText());
  }
  return found;
}

test('the names of platforms are found where they are written', () => {
  expect(PLATFORMS.length).toBeGreaterThan(1);
  const [name] = PLATFORMS;
  expect(namedIn(`import one from '../${name}/platform';\nload("${name}");\nload(\`k8s/${name}/base\`);`)).toHaveLength(
    3,
  );
  expect(namedIn(`/** For example ${name}. */ const ${name?.replaceAll('-', '')} = '${name}-vm';`)).toEqual([]);
});

test('no source outside a platform names one', () => {
  const sources = git('*.ts', '*.cjs', '*.js', '*.sh').filter((file) => !OF_A_PLATFORM.test(file));
  expect(sources.length).toBeGreaterThan(300);
  const named = sources.flatMap((file) => namedIn(readFileSync(file, 'utf8')).map((text) => `${file}: ${text}`));
  expect(named).toEqual([]);
});

test('no component that platforms share names one', () => {
  const named = git('k8s/components').filter((file) =>
    PLATFORMS.some((name) => new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(readFileSync(file, 'utf8'))),
  );
  expect(named).toEqual([]);
});
