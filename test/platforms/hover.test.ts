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

const service = languageService(NAMES.map(fileOf));

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
