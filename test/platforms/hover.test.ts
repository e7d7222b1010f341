import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript-5';

const ROOT = join(__dirname, '../..');
const NAMES = readdirSync(join(ROOT, 'platforms'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'schema')
  .map(({ name }) => name);
const fileOf = (name: string) => join(ROOT, 'platforms', name, 'platform.ts');

/** Records, whose keys are names that the platform chooses. */
const RECORDS = ['environments', 'services', 'images'];

const FORM = join(ROOT, 'platforms', 'schema', 'define-platform.ts');

const service = languageService([...NAMES.map(fileOf), FORM]);

/** A language service, as an editor starts it. Types of Node and Jest, which no platform uses, are left out for speed. */
function languageService(files: readonly string[]): ts.LanguageService {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, ROOT);
  return ts.createLanguageService({
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
    getScriptFileNames: () => [...files],
    getScriptVersion: () => '1',
    getScriptSnapshot: (file) => ts.ScriptSnapshot.fromString(ts.sys.readFile(file) ?? ''),
    getCurrentDirectory: () => ROOT,
    getCompilationSettings: () => ({ ...options, types: [] }),
    getDefaultLibFileName: ts.getDefaultLibFilePath,
  });
}

/** Every property key of a platform.ts, except keys of records, with the text of its hover. */
function hovers(file: string): { key: string; text: string }[] {
  const source = service.getProgram()?.getSourceFile(file);
  if (!source) throw new Error(`${file} is not in the program`);
  const found: { key: string; text: string }[] = [];
  const visit = (node: ts.Node, record: boolean): void => {
    const property = ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node) ? node : undefined;
    if (property && !record) {
      const start = property.name.getStart(source);
      const { line } = source.getLineAndCharacterOfPosition(start);
      const text = ts.displayPartsToString(service.getQuickInfoAtPosition(file, start)?.documentation);
      found.push({ key: `${line + 1}: ${property.name.getText(source)}`, text });
    }
    const holdsNames = ts.isObjectLiteralExpression(node)
      ? ts.isPropertyAssignment(node.parent) && RECORDS.includes(node.parent.name.getText(source))
      : false;
    ts.forEachChild(node, (child) => visit(child, holdsNames));
  };
  visit(source, false);
  return found;
}

test.each(NAMES)('hovering a key of platform %s shows what it means', (name) => {
  const found = hovers(fileOf(name));
  expect(found.length).toBeGreaterThan(20);
  expect(found.filter(({ text }) => text === '').map(({ key }) => key)).toEqual([]);
});

test('hovering the same key of different cluster kinds shows the doc of that kind', () => {
  const machineType = (name: string) => hovers(fileOf(name)).find(({ key }) => key.endsWith(' machineType'))?.text;
  expect(machineType('threads')).toMatch(/^Compute Engine machine type/);
  expect(machineType('real-estate')).toMatch(/^Server type of the nodes/);
});

/** Every field that a description may have, with its doc: also those that no platform uses. */
function fields(): { path: string; text: string }[] {
  const program = service.getProgram();
  const checker = program?.getTypeChecker();
  const source = program?.getSourceFile(FORM);
  const define = source?.statements
    .filter(ts.isFunctionDeclaration)
    .find(({ name }) => name?.text === 'definePlatform');
  const [parameter] = define?.parameters ?? [];
  if (!checker || !parameter) throw new Error(`${FORM} has no function definePlatform with a parameter`);
  const found = new Map<string, string>();
  const visit = (type: ts.Type, path: string): void => {
    if (type.isUnionOrIntersection()) {
      for (const one of type.types) visit(one, path);
    }
    if (!(type.flags & ts.TypeFlags.Object)) return;
    const element = type.getStringIndexType() ?? type.getNumberIndexType();
    if (element) visit(element, `${path}[]`);
    for (const symbol of element ? [] : checker.getPropertiesOfType(type)) {
      const field = `${path}.${symbol.name}`;
      const text = ts.displayPartsToString(symbol.getDocumentationComment(checker));
      // A field of several alternatives is documented when each of them is.
      found.set(field, found.has(field) && found.get(field) === '' ? '' : text);
      visit(checker.getTypeOfSymbolAtLocation(symbol, parameter), field);
    }
  };
  visit(checker.getTypeAtLocation(parameter), '');
  return [...found].map(([path, text]) => ({ path: path.slice(1), text }));
}

test('every field that a description may have is documented', () => {
  const all = fields();
  const without = all.filter(({ text }) => text === '').map(({ path }) => path);
  console.log(`documented fields of a platform: ${all.length - without.length} of ${all.length}`);
  expect(all.length).toBeGreaterThan(60);
  expect(without).toEqual([]);
});
