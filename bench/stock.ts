import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The latest TypeScript that is written in JavaScript: ts-node calls it as a library, which later versions are not. */
const COMPILER = 'typescript-5';

/** What a synthesis reads: cdktf.json, the program, and the folders that it imports. */
const SOURCES = [
  'cdktf.json',
  'errors.ts',
  'main.ts',
  'platforms',
  'contracts',
  'stacks',
  'constructs',
  'sandbox/google/machine-types.json',
] as const;

/** An import from one file of a provider's bindings. */
const BY_FILE = /^import (?:type )?\{([^}]*)\} from '(@cdktf\/provider-[\w-]+)\/lib\/([\w-]+)';$/gm;

/**
 * Options of the tsconfig.json of `cdktf init --template typescript`, and what our sources need in addition: a newer version of
 * the language, and default imports.
 */
const COMPILER_OPTIONS = {
  alwaysStrict: true,
  declaration: true,
  experimentalDecorators: true,
  inlineSourceMap: true,
  inlineSources: true,
  module: 'CommonJS',
  noEmitOnError: true,
  noFallthroughCasesInSwitch: true,
  noImplicitAny: true,
  noImplicitReturns: true,
  noImplicitThis: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  resolveJsonModule: true,
  strict: true,
  strictNullChecks: true,
  strictPropertyInitialization: true,
  stripInternal: true,
  incremental: true,
  skipLibCheck: true,
  lib: ['es2023'],
  target: 'es2022',
  types: ['node'],
  esModuleInterop: true,
};

/**
 * A source with its imports of provider bindings as cdktf's documentation has them: from the barrel of the package, where
 * each resource is a namespace.
 *
 * @throws when an import by file is left over, which would flatter the stock layout.
 */
export function stockSource(text: string): string {
  const qualified: [name: string, by: string][] = [];
  const imported = text.replace(BY_FILE, (_, names: string, from: string, folder: string) => {
    const namespace = folder.replace(/-(\w)/g, (__, letter: string) => letter.toUpperCase());
    // Two providers may have a namespace of the same name.
    const local = `${from.replace('@cdktf/provider-', '')}_${namespace}`;
    for (const name of names.split(',').map((each) => each.trim().replace(/^type /, ''))) {
      const [exported, alias = exported] = name.split(' as ');
      if (alias) qualified.push([alias, `${local}.${exported}`]);
    }
    return `import { ${namespace} as ${local} } from '${from}';`;
  });
  // Not inside of another name, a path or a text that is nothing but the name.
  const stock = qualified.reduce(
    (so, [name, by]) => so.replace(new RegExp(`(?<![\\w.'/-])${name}(?![\\w'/-])`, 'g'), by),
    imported,
  );
  const left = /@cdktf\/provider-[\w-]+\/lib\S*/.exec(stock);
  if (left) throw new Error(`import of ${left[0]} is of a form that bench/stock.ts does not know; teach BY_FILE`);
  return stock;
}

/**
 * Writes the program again in the layout that `cdktf init` gives: provider bindings from the barrels, run by ts-node,
 * which checks types on the way.
 *
 * @param folder - made; the packages are those of `root`, by a link.
 * @returns how `cdktf init` runs it there, less the time that npx itself takes.
 */
export function writeStock(root: string, folder: string): { readonly command: string; readonly args: string[] } {
  mkdirSync(folder, { recursive: true });
  for (const source of SOURCES) cpSync(join(root, source), join(folder, source), { recursive: true });
  for (const file of sourcesBelow(folder)) writeFileSync(file, stockSource(readFileSync(file, 'utf8')));
  symlinkSync(resolve(root, 'node_modules'), join(folder, 'node_modules'));
  const config = { compilerOptions: COMPILER_OPTIONS, include: ['**/*.ts'], exclude: ['node_modules', 'cdktf.out'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config, null, 2));
  return { command: process.execPath, args: ['node_modules/ts-node/dist/bin.js', '--compiler', COMPILER, 'main.ts'] };
}

/** Files below a folder, by their path relative to it, with their text. */
export function filesBelow(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = names.map(({ name, parentPath }) => join(parentPath, name)).sort();
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]));
}

function sourcesBelow(folder: string): string[] {
  return Object.keys(filesBelow(folder))
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(folder, path));
}
