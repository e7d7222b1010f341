import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript-5';
import { loadPlatform } from '../../platforms/load';
import { synthScope, temporaryFolder } from '../helpers/synth';

const ROOT = join(__dirname, '../..');
const FILES = readdirSync(join(ROOT, 'constructs'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => join(ROOT, 'constructs', file))
  .sort();

const SOURCES = new Map(
  FILES.map((file) => [file, ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true)]),
);

/** What examples use without importing it: constructs, contracts, helpers of the platform and resources of the provider. */
const IMPORTS = [
  ...FILES.map((file) => [file, classesOf(file)] as const),
  [join(ROOT, 'contracts/argocd-app'), ['ARGOCD_APP']],
  [join(ROOT, 'contracts/k8s'), ['K8S']],
  [join(ROOT, 'platforms/schema/environment'), ['vmOf']],
  [join(ROOT, 'platforms/schema/names'), ['namesOf']],
  ['@cdktf/provider-google/lib/compute-disk', ['ComputeDisk']],
  ['@cdktf/provider-google/lib/project-service', ['ProjectService']],
] as const;

function parse(file: string): ts.SourceFile {
  const source = SOURCES.get(file);
  if (!source) throw new Error(`${file} is no file of a construct`);
  return source;
}

function exportedClasses(file: string): ts.ClassDeclaration[] {
  return parse(file)
    .statements.filter(ts.isClassDeclaration)
    .filter(({ modifiers }) => modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword));
}

function classesOf(file: string): string[] {
  return exportedClasses(file).flatMap(({ name }) => name?.text ?? []);
}

/** The `@example` of each construct, by its name. */
function examples(): Map<string, string> {
  const found = FILES.flatMap(exportedClasses).map((one): [string, string] => {
    const tag = ts.getJSDocTags(one).find(({ tagName }) => tagName.text === 'example');
    return [one.name?.text ?? '', ts.getTextOfJSDocComment(tag?.comment) ?? ''];
  });
  return new Map(found);
}

/** One module with every example in a function, whose `this` is a layer. */
function moduleOf(all: ReadonlyMap<string, string>): string {
  const imports = IMPORTS.filter(([, names]) => names.length > 0).map(
    ([from, names]) => `import { ${names.join(', ')} } from '${from.replace(/\.ts$/, '')}';`,
  );
  const layer = join(ROOT, 'constructs/layer');
  return [
    ...imports,
    `import type { LayerProps } from '${layer}';`,
    "import type { TerraformStack } from 'cdktf';",
    "import type { Construct } from 'constructs';",
    "import type { LoadedPlatform } from './platforms/load';",
    ...[...all].map(
      ([name, text]) =>
        `export function of${name}(this: TerraformStack & { platform: LoadedPlatform }): void {\n${text}\n}`,
    ),
  ].join('\n');
}

/** What the compiler says of each of some modules at the root of the project, compiled together. */
function errorsOf(texts: readonly string[]): string[][] {
  const files = new Map(texts.map((text, index) => [join(ROOT, `examples.generated-${index}.ts`), text]));
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, ROOT);
  // Examples may create a construct and leave it.
  const settings = { ...options, types: ['node'], noUnusedLocals: false };
  const host = ts.createCompilerHost(settings);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.getSourceFile = (path, ...rest) => {
    const text = files.get(path);
    if (text === undefined) return getSourceFile(path, ...rest);
    return ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  };
  const program = ts.createProgram([...files.keys()], settings, host);
  return [...files].map(([file, text]) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText, start }) => {
        const line = source?.getLineAndCharacterOfPosition(start ?? 0).line ?? 0;
        return `${text.split('\n')[line]}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
      },
    );
  });
}

test('every construct has an example', () => {
  const missing = [...examples()].filter(([, text]) => text === '').map(([name]) => name);
  expect(missing).toEqual([]);
  expect(examples().size).toBeGreaterThan(15);
});

test('every example compiles, and a wrong property is an error', () => {
  const all = moduleOf(examples());
  const wrong = all.replace("cidr: '10.10.0.0/24'", 'cidr: 10');
  expect(errorsOf([all, wrong])).toEqual([
    [],
    [expect.stringContaining("'number' is not assignable to type 'string'")],
  ]);
}, 60_000);

/** The functions of a module, evaluated without a file. */
function evaluated(text: string): Record<string, (this: object) => void> {
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const exported = {};
  new Function('require', 'exports', outputText)(require, exported);
  return exported;
}

describe('in a stack', () => {
  const folder = temporaryFolder();
  const functions = evaluated(moduleOf(examples()));
  const platform = loadPlatform('threads');

  test.each([...examples().keys()].filter((name) => name !== 'Layer'))('the example of %s is synthesised', (name) => {
    const { resource, removed, data } = synthScope(folder, (stack) =>
      functions[`of${name}`]?.call(Object.assign(stack, { platform })),
    );
    expect(resource ?? removed ?? data).toBeDefined();
  });
});

test('every property of an exported interface has a doc', () => {
  const all = FILES.flatMap((file) =>
    parse(file)
      .statements.filter(ts.isInterfaceDeclaration)
      .flatMap((one) => [one, ...one.members])
      .map((node) => ({ node, name: `${relative(ROOT, file)}: ${node.name?.getText()}` })),
  );
  const missing = all.filter(({ node }) => ts.getJSDocCommentsAndTags(node).length === 0).map(({ name }) => name);
  console.log(`documented interfaces and properties of constructs: ${all.length - missing.length} of ${all.length}`);
  expect(missing).toEqual([]);
});
