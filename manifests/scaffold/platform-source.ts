import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import ts from 'typescript-5';
import { UsageError } from '../../errors';
import { forTypeScript } from '../../escape';
import { PlatformError } from '../../platforms/schema/problems';
import { sourceOf } from '../description';
import type { Tree } from './tree';

/** The two tables of a platform that commands add to. */
type Table = 'services' | 'environments';

/** @throws {UsageError} listing the platforms of the tree if it does not have this one. */
export function assertDescribed(tree: Tree, platform: string): void {
  if (tree.has(sourceOf(platform))) return;
  const known = tree.folders('platforms').filter((folder) => tree.has(sourceOf(folder)));
  throw new UsageError(`unknown platform "${platform}"; expected one of ${known.join(', ')}`);
}

/**
 * Adds an entry to a table of a platform's file, in the form that the linter asks for.
 *
 * @param value - the entry as TypeScript
 * @param after - the entry that it comes after; `null` for the first place. @default - the last one
 */
export function addEntry(
  name: string,
  text: string,
  table: Table,
  key: string,
  value: string,
  after?: string | null,
): string {
  const { properties } = tableOf(name, text, table);
  const entry = `${/^\w+$/.test(key) ? key : forTypeScript(key)}: ${value},`;
  const neighbour = after === undefined ? properties.at(-1) : properties.find((one) => nameOf(one) === after);
  const first = properties[0];
  if (after === null && first) return tidy(splice(text, first.getStart(), first.getStart(), `${entry}\n    `));
  if (!neighbour) throw misunderstood(name, `\`${table}\` has no entry "${after ?? ''}"`);
  const hasComma = text[neighbour.end] === ',';
  const at = neighbour.end + (hasComma ? 1 : 0);
  return tidy(splice(text, at, at, `${hasComma ? '' : ','}\n    ${entry}`));
}

/** Adds a secret to a platform's list of them. */
export function addSecret(name: string, text: string, secret: string): string {
  const list = propertyOf(platformOf(name, text), 'secrets')?.initializer;
  if (!list || !ts.isArrayLiteralExpression(list)) throw misunderstood(name, '`secrets` is no list');
  return tidy(
    splice(
      text,
      list.elements.end,
      list.elements.end,
      `${list.elements.hasTrailingComma || list.elements.length === 0 ? '' : ', '}${forTypeScript(secret)}`,
    ),
  );
}

/** TypeScript in which every string that is `from` is `to`, except the values of `kind`, which name no environment. */
export function withStrings(source: string, from: string, to: string): string {
  const file = parse(`(${source})`);
  const found: ts.StringLiteral[] = [];
  const look = (node: ts.Node): void => {
    const isKind =
      ts.isPropertyAssignment(node.parent ?? node) && nameOf(node.parent as ts.PropertyAssignment) === 'kind';
    if (ts.isStringLiteral(node) && node.text === from && !isKind) found.push(node);
    ts.forEachChild(node, look);
  };
  look(file);
  return found.reduceRight((text, node) => splice(text, node.getStart() - 1, node.end - 1, forTypeScript(to)), source);
}

/** How an entry of a table is written: its value, as TypeScript. */
export function entryOf(name: string, text: string, table: Table, key: string): string {
  const entry = tableOf(name, text, table).properties.find((one) => nameOf(one) === key);
  if (!entry || !ts.isPropertyAssignment(entry)) throw misunderstood(name, `\`${table}.${key}\` is no \`${key}: ...\``);
  return entry.initializer.getText();
}

/** An object as TypeScript with a value set at a path; what is no literal on the way is spread into one. */
export function withValue(object: string, [key = '', ...path]: readonly string[], value: string): string {
  const file = parse(`(${object})`);
  const node = ((file.statements[0] as ts.ExpressionStatement).expression as ts.ParenthesizedExpression).expression;
  const inner = (old?: string) => (path.length ? withValue(old ?? '{}', path, value) : value);
  if (!ts.isObjectLiteralExpression(node)) return `{ ...${object}, ${key}: ${inner()} }`;
  const found = node.properties.find((one) => nameOf(one) === key);
  if (!found) {
    const at = node.end - 2;
    const comma = node.properties.length && !node.properties.hasTrailingComma ? ', ' : '';
    return splice(object, at, at, `${comma}${key}: ${inner()}`);
  }
  const old = ts.isPropertyAssignment(found) ? found.initializer.getText() : key;
  return splice(object, found.getStart() - 1, found.end - 1, `${key}: ${inner(old)}`);
}

function parse(text: string): ts.SourceFile {
  return ts.createSourceFile('platform.ts', text, ts.ScriptTarget.ES2022, true);
}

function platformOf(name: string, text: string): ts.ObjectLiteralExpression {
  const exported = parse(text).statements.find(ts.isExportAssignment)?.expression;
  const argument = exported && ts.isCallExpression(exported) ? exported.arguments[0] : undefined;
  if (argument && ts.isObjectLiteralExpression(argument)) return argument;
  throw misunderstood(name, 'there is no `export default definePlatform({ ... })`');
}

function tableOf(name: string, text: string, table: Table): ts.ObjectLiteralExpression {
  const value = propertyOf(platformOf(name, text), table)?.initializer;
  if (value && ts.isObjectLiteralExpression(value)) return value;
  throw misunderstood(name, `\`${table}\` is not written as \`${table}: { ... }\``);
}

function propertyOf(object: ts.ObjectLiteralExpression, key: string): ts.PropertyAssignment | undefined {
  const found = object.properties.find((one) => nameOf(one) === key);
  return found && ts.isPropertyAssignment(found) ? found : undefined;
}

function nameOf({ name }: ts.ObjectLiteralElementLike): string | undefined {
  return name && (ts.isIdentifier(name) || ts.isStringLiteral(name)) ? name.text : undefined;
}

function splice(text: string, start: number, end: number, put: string): string {
  return text.slice(0, start) + put + text.slice(end);
}

/** The form that the linter asks for. */
function tidy(text: string): string {
  const biome = require.resolve('@biomejs/biome/bin/biome');
  return execFileSync(process.execPath, [biome, 'format', '--stdin-file-path=platform.ts'], {
    input: text,
    encoding: 'utf8',
    cwd: join(__dirname, '../..'),
  });
}

function misunderstood(name: string, why: string): PlatformError {
  return new PlatformError(sourceOf(name), [
    `${why}, so nothing can be added to it; add the entry by hand, or write it so`,
  ]);
}
