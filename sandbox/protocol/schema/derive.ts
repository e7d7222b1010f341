import { type CtyType, type Field, type Fields, type Nesting, typeOfAll } from './field';

/** What the decoded sources of one package folder declare, by name. */
type Declarations = ReadonlyMap<string, string>;

/** One argument as the package writes it out: `isBlock` only means that it has nested fields. */
interface Argument {
  readonly mapper: string;
  readonly type: string;
  readonly storage: string;
}

interface Member {
  readonly name: string;
  readonly required: boolean;
  readonly optional: boolean;
  readonly computed: boolean;
  readonly code: string;
  readonly argument: Argument | undefined;
}

/** Which Terraform thing a folder of a `@cdktf/provider-*` package is about. */
export type Kind = 'resource' | 'data' | 'provider';

const BASE_CLASSES = { resource: 'TerraformResource', data: 'TerraformDataSource', provider: 'TerraformProvider' };
const PRIMITIVES: Record<string, CtyType> = { string: 'string', boolean: 'bool', number: 'number', any: 'dynamic' };

/**
 * Reads the schema back from the sources that CDKTF's generator wrote from it: the type of each member, and the comment
 * `// name - computed: X, optional: Y, required: Z` above it.
 *
 * What the generator drops is not there: sensitive, force-new, defaults, enumerations, max_items other than 1.
 */
export function deriveSchema(kind: Kind, sources: readonly string[]): Fields {
  const declarations = declarationsOf(sources);
  for (const code of declarations.values()) {
    if (!code.includes(` extends cdktf.${BASE_CLASSES[kind]} {`)) continue;
    const fields = fieldsOf(declarations, code, argumentsOf(code, 'protected synthesizeHclAttributes'), false);
    // The generator adds `alias`, which is Terraform's own and no argument of the provider.
    return kind === 'provider'
      ? Object.fromEntries(Object.entries(fields).filter(([name]) => name !== 'alias'))
      : fields;
  }
  throw new Error(`no class extends cdktf.${BASE_CLASSES[kind]} in these sources`);
}

function declarationsOf(sources: readonly string[]): Declarations {
  const declarations = new Map<string, string>();
  for (const source of sources) {
    for (const code of source.split(/^(?=export )/m)) {
      const [, keyword, name] = /^export (class|interface|function) (\w+)/.exec(code) ?? [];
      if (name) declarations.set(keyword === 'interface' ? `interface ${name}` : name, code);
    }
  }
  return declarations;
}

function argumentsOf(code: string, after: string): Map<string, Argument> {
  const start = code.indexOf(after);
  const found = new Map<string, Argument>();
  if (start < 0) return found;
  const entry = /^ +(\w+): \{\n +value: (.*),\n +isBlock: \w+,\n +type: "(\w+)",\n +storageClassType: "(\w+)",/gm;
  for (const [, name = '', mapper = '', type = '', storage = ''] of code.slice(start).matchAll(entry)) {
    found.set(name, { mapper, type, storage });
  }
  return found;
}

function membersOf(code: string, args: Map<string, Argument>): Member[] {
  const comment = /^ {2}\/\/ (\w+) - computed: (\w+), optional: (\w+), required: (\w+)$/gm;
  const marks = [...code.matchAll(comment)];
  return marks.map((mark, index) => ({
    name: mark[1] ?? '',
    computed: mark[2] === 'true',
    optional: mark[3] === 'true',
    required: mark[4] === 'true',
    code: code.slice(mark.index, marks[index + 1]?.index),
    argument: args.get(mark[1] ?? ''),
  }));
}

function fieldsOf(all: Declarations, code: string, args: Map<string, Argument>, nested: boolean): Fields {
  const members = membersOf(code, args);
  const firstBlock = members.length - blockCount(members);
  return Object.fromEntries(
    members.map((member, index) => [member.name, fieldOf(all, member, nested || index < firstBlock)]),
  );
}

/** Attributes come first, then blocks, both sorted by name: only its position tells a single block from an attribute. */
function blockCount(members: readonly Member[]): number {
  let count = 0;
  let after = '\uffff';
  for (const member of [...members].reverse()) {
    if (!member.argument || !hasFields(member.argument) || member.computed || member.name > after) break;
    after = member.name;
    count++;
  }
  return count;
}

function hasFields(argument: Argument): boolean {
  return /^[A-Z]/.test(argument.storage);
}

function fieldOf(all: Declarations, member: Member, amongAttributes: boolean): Field {
  const { required, optional, computed, argument } = member;
  const [, builtIn, reference, fromSet] =
    /private _\w+ = new (cdktf\.)?(\w+)\(this, "\w+"(?:, (true|false))?\)/.exec(member.code) ?? [];
  const flags = { ...(required && { required }), ...(optional && { optional }), ...(computed && { computed }) };
  const struct = structOf(reference, argument);
  if (!struct || builtIn) return { kind: 'attribute', ...flags, type: primitive(member, builtIn && reference) };

  const nesting = nestingOf(reference, fromSet === 'true', argument);
  const isBlock = !!argument && !computed && (argument.type === 'struct' ? !amongAttributes : !isAttribute(argument));
  const fields = nestedFields(all, struct, !isBlock);
  if (isBlock) {
    const single = nesting !== 'single' && !argument.mapper.includes('listMapperHcl(');
    return { kind: 'block', ...flags, nesting, fields, max: single ? 1 : 0, min: required ? 1 : 0 };
  }
  if (argument && (isAttribute(argument) || argument.type === 'struct'))
    return { kind: 'attribute', ...flags, nesting, fields };
  const object = typeOfAll(fields);
  return { kind: 'attribute', ...flags, type: nesting === 'single' ? object : [nesting, object] };
}

/** `listMapperHcl(fn, false)`: nested attributes; with true, or without a mapper, blocks. */
function isAttribute(argument: Argument): boolean {
  return /MapperHcl\(\w+, false\)/.test(argument.mapper);
}

function structOf(reference: string | undefined, argument: Argument | undefined): string | undefined {
  if (reference) return reference.replace(/(OutputReference|List|Map)$/, '');
  if (!argument || !hasFields(argument)) return undefined;
  return argument.type === 'struct' ? argument.storage : argument.storage.replace(/(List|Map)$/, '');
}

function nestingOf(reference: string | undefined, fromSet: boolean, argument: Argument | undefined): Nesting {
  if (reference?.endsWith('List')) return fromSet ? 'set' : 'list';
  if (reference?.endsWith('Map')) return 'map';
  return argument?.type === 'list' || argument?.type === 'set' || argument?.type === 'map' ? argument.type : 'single';
}

function nestedFields(all: Declarations, struct: string, nested: boolean): Fields {
  const mapper = all.get(`${struct.charAt(0).toLowerCase()}${struct.slice(1)}ToHclTerraform`) ?? '';
  const args = argumentsOf(mapper, 'const attrs');
  const reference = all.get(`${struct}OutputReference`);
  if (reference) return fieldsOf(all, reference, args, nested);
  return fieldsOf(all, membersFromInterface(all.get(`interface ${struct}`) ?? '', args), args, nested);
}

/** Blocks of a provider have no class; what is required shows in their interface. Written as the comments of a class. */
function membersFromInterface(code: string, args: Map<string, Argument>): string {
  const marks = [...code.matchAll(/^ {2}readonly (\w+)(\??):/gm)].map(([, , optional]) => !!optional);
  return [...args.keys()]
    .map((name, index) => `  // ${name} - computed: false, optional: ${!!marks[index]}, required: ${!marks[index]}\n`)
    .join('');
}

function primitive(member: Member, builtIn: string | undefined): CtyType {
  if (builtIn) return collection(builtIn.charAt(0).toLowerCase() + builtIn.slice(1));
  const { argument, code } = member;
  if (argument) return argument.type === 'set' ? asSet(collection(argument.storage)) : collection(argument.storage);
  const [, tolist, getter] = /return .*?(tolist\()?this\.get(\w+?)Attribute\(/.exec(code) ?? [];
  const type = getter === 'List' ? 'stringList' : `${getter?.charAt(0).toLowerCase()}${getter?.slice(1)}`;
  return tolist ? asSet(collection(type)) : collection(type);
}

/** `stringMapList` is list(map(string)), `boolean` is bool, `anyMap` is a free-form value. */
function collection(storage: string): CtyType {
  if (storage === 'anyMap') return 'dynamic';
  const [, element = '', nesting] = /^(\w+)(List|Map)$/.exec(storage) ?? [];
  if (nesting) return [nesting === 'List' ? 'list' : 'map', collection(element)];
  const type = PRIMITIVES[storage];
  if (!type) throw new Error(`no Terraform type is known for "${storage}"`);
  return type;
}

function asSet(type: CtyType): CtyType {
  return typeof type === 'object' && type[0] === 'list' ? ['set', type[1]] : type;
}
