import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { fillTemplates } from '../../delivery/secret-templates';
import { configuredPlatform, loadPlatform } from '../../platforms/load';
import { PlatformError } from '../../platforms/schema/problems';
import { readRestores } from '../../platforms/schema/restore';
import { type Checkout, problemWith } from './checkout';
import type { Row, Trial } from './trial';

const PLATFORM = configuredPlatform();
const SOURCE = `platforms/${PLATFORM}/platform.ts`;

/** Texts that are no description of a platform, or a wrong one. */
const PLATFORMS: Readonly<Record<string, string>> = {
  'empty file': '',
  'no default export': 'export const x = 1;',
  null: 'export default null;',
  'a number': 'export default 1;',
  'a list': 'export default [];',
  'a function': 'export default () => {};',
  'a class': 'export default class {}',
  'a promise': 'export default Promise.resolve({});',
  'a regular expression': 'export default /x/;',
  'a symbol': 'export default Symbol("x");',
  'throws an error': 'throw new Error("mine");',
  'throws a string': 'throw "mine";',
  'throws null': 'throw null;',
  'throws undefined': 'throw undefined;',
  'top-level await': 'await 1; export default {};',
  'a syntax error': 'export default {',
  binary: '\u0000\u0001\u0002',
  'a missing import': "import x from './nowhere'; export default x;",
  'a missing package': "import x from 'no-such-package'; export default x;",
  'an import of itself': "import x from './platform'; export default x;",
  'an empty object': DESCRIBED('{}'),
  undefined: DESCRIBED('undefined'),
  'null, defined': DESCRIBED('null'),
  'text, defined': DESCRIBED('"x"'),
  'a BigInt': DESCRIBED('{ name: 10n }'),
  NaN: DESCRIBED('{ name: NaN }'),
  'a getter that throws': DESCRIBED('{ get name() { throw new Error("mine"); } }'),
  'a proxy that throws': DESCRIBED('new Proxy({}, { get() { throw new Error("mine"); } })'),
  'a value that contains itself': `${HEAD()}const x: any = {}; x.name = x; export default definePlatform(x);`,
  'a name that is an object': DESCRIBED('{ name: { toString() { throw new Error("mine"); } } }'),
  '50,000 secrets': DESCRIBED('{ secrets: Array.from({ length: 50000 }, (_, n) => `secret-${n}`) }'),
  '50,000 wrong secrets': DESCRIBED('{ secrets: Array.from({ length: 50000 }, (_, n) => `Secret ${n}`) }'),
  'a secret of 5 MB': DESCRIBED('{ secrets: ["x".repeat(5_000_000)] }'),
  'an ESC in a name': DESCRIBED('{ name: "\\u001b[31mred" }'),
};

function HEAD(): string {
  return "import { definePlatform } from '../schema/define-platform';\n";
}

function DESCRIBED(text: string): string {
  return `${HEAD()}export default definePlatform(${text} as never);\n`;
}

/** Broken texts of `platform.ts`, and of a sound one with one edit. */
export function platformFiles(checkout: () => Checkout, sound: string): Row {
  const edits: readonly [string, RegExp, string][] = [
    ['an unknown key', /name: '/, "nmae: 1, name: '"],
    ['the name of another', /name: '[^']+'/, "name: 'shop'"],
    ['an expression of Terraform', /name: '[^']+'/, "name: '$" + "{file(1)}'"],
    ['50,000 secrets more', /secrets: \[/, 'secrets: [...Array.from({ length: 50000 }, (_, n) => `secret-${n}`), '],
    ['a secret twice', /secrets: \[/, "secrets: ['twice', 'twice', "],
    ['a service called __proto__', /services: \{/, "services: { ['__proto__']: {},"],
    ['an environment called __proto__', /environments: \{/, "environments: { ['__proto__']: {},"],
    ['credentials in the URL', /url: 'https:\/\//, "url: 'https://user:token@"],
  ];
  const texts = {
    ...PLATFORMS,
    ...Object.fromEntries(edits.map(([name, from, to]) => [name, sound.replace(from, to)])),
  };
  const trial = ([name, text]: [string, string]): Trial => ({
    name,
    run: async () => {
      if (text === sound) return 'the edit changes nothing; correct the trial';
      const one = checkout();
      writeFileSync(join(one.root, SOURCE), text);
      const ended = await one.script('platform', ['--json']);
      one.reset();
      return (
        problemWith(ended, { codes: [2], says: new RegExp(SOURCE) }) ??
        (ended.stderr.length > 20_000 ? 'a wall of text' : undefined)
      );
    },
  });
  return { name: 'broken platform.ts', trials: Object.entries(texts).map(trial) };
}

/** Texts of `restore.json`. */
export function restoreFiles(folder: string): Row {
  const prod = (restore: object) => JSON.stringify({ prod: restore });
  const texts: Readonly<Record<string, string>> = {
    'empty file': '',
    'half of it': '{"prod"',
    'a list': '[]',
    null: 'null',
    'a number': '1',
    text: '"prod"',
    binary: '\u0000\u0001',
    'a mark of byte order': `\ufeff${prod({ generation: 1 })}x`,
    'an unknown environment': '{"nope": {"generation": 1}}',
    'an environment without a VM': '{"local": {"generation": 1}}',
    __proto__: '{"__proto__": {"generation": 1}}',
    constructor: '{"constructor": {"generation": 1}}',
    'no generation': prod({}),
    'generation 0': prod({ generation: 0 }),
    'generation 1.5': prod({ generation: 1.5 }),
    'generation as text': prod({ generation: '2' }),
    'generation 1e400': '{"prod": {"generation": 1e400}}',
    'restored without a snapshot': prod({ generation: 2 }),
    'an expression as snapshot': prod({ generation: 2, snapshot: '$' + '{file("/etc/hostname")}' }),
    'a path as snapshot': prod({ generation: 2, snapshot: '../other' }),
    'an earlier disk that is later': prod({ generation: 2, snapshot: 's', previous: { generation: 3 } }),
    'finished with disks left': prod({ generation: 2, snapshot: 's', previous: { generation: 1 }, finished: true }),
    'an unknown key': prod({ generation: 1, snapshto: 's' }),
    'an expression in the lineage': prod({ generation: 1, lineage: ['$' + '{x}'] }),
  };
  const file = join(mkdtempSync(join(folder, 'restore-')), 'restore.json');
  const refused = (read: () => unknown): string | undefined => {
    try {
      read();
      return 'it is accepted';
    } catch (error) {
      return error instanceof PlatformError && error.message.includes(file) ? undefined : `it fails with ${error}`;
    }
  };
  const trials = Object.entries(texts).map(([name, text]) => ({
    name,
    run: async () => {
      writeFileSync(file, text);
      return refused(() => readRestores(file, loadPlatform(PLATFORM)));
    },
  }));
  const directory = {
    name: 'a folder in its place',
    run: async () => {
      rmSync(file, { force: true });
      mkdirSync(file);
      const problem = refused(() => readRestores(file, loadPlatform(PLATFORM)));
      rmSync(file, { recursive: true });
      return problem;
    },
  };
  return { name: 'restore.json', trials: [...trials, directory] };
}

/** Edits of the trees, of the control file and of cdktf.json. */
export function treeEdits(checkout: () => Checkout): Row {
  const overlay = `k8s/${PLATFORM}/overlays/prod/kustomization.yaml`;
  const control = `platforms/${PLATFORM}/deploy-control.yaml`;
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'.replace(/./g, (to, at) => `${to}: &${to} [${`*${'abcdefghi'[at]},`.repeat(9)}]\n`)}`;
  const trees = {
    empty: '',
    'a list': '[]',
    'half of it': 'resources: [',
    binary: '\u0000\u0001',
    'a tab': '\tresources: []',
    'a missing resource': 'resources: [nowhere.yaml]',
    'a folder outside': 'resources: [../../../../../..]',
    'an ESC': 'resources: ["\\e[31m"]',
    'a bomb of aliases': bomb,
    'a number as tag': 'images:\n  - name: x\n    newTag: 0000000\n',
  };
  const controls = {
    empty: '',
    'a list': '[]',
    'half of it': 'version: [',
    'an unknown key': 'version: 3\nnope: 1\n',
    'a bomb of aliases': bomb,
    binary: '\u0000\u0001',
    'a tag of JavaScript': '!!js/function x',
  };
  const settings = {
    empty: '',
    'half of it': '{',
    'a list': '[]',
    null: 'null',
    text: '"x"',
    'a number as platform': '{"app": "x", "context": {"platform": 1}}',
    'a path as platform': '{"app": "x", "context": {"platform": "../x"}}',
  };
  const trial = (
    file: string,
    name: string,
    text: string,
    script: string,
    args: readonly string[],
    codes: readonly number[],
  ): Trial => ({
    name: `${file}: ${name}`,
    run: async () => {
      const one = checkout();
      writeFileSync(join(one.root, file), text);
      const ended = await one.script(script, args);
      one.reset();
      return problemWith(ended, { codes });
    },
  });
  const absent = (file: string, script: string, args: readonly string[], codes: readonly number[]): Trial => ({
    name: `${file}: missing`,
    run: async () => {
      const one = checkout();
      rmSync(join(one.root, file));
      const ended = await one.script(script, args);
      one.reset();
      return problemWith(ended, { codes });
    },
  });
  const validate = ['--platform', PLATFORM];
  return {
    name: 'edits of k8s/, deploy-control.yaml and cdktf.json',
    trials: [
      ...Object.entries(trees).map(([name, text]) => trial(overlay, name, text, 'validate', validate, [2])),
      absent(overlay, 'validate', validate, [2]),
      ...Object.entries(controls).map(([name, text]) => trial(control, name, text, 'validate', validate, [2])),
      absent(control, 'validate', validate, [2]),
      ...Object.entries(settings).map(([name, text]) => trial('cdktf.json', name, text, 'platform', [], [0, 2])),
      absent('cdktf.json', 'platform', [], [0, 2]),
    ],
  };
}

/** Values of secrets, put into a manifest and read back. */
export function secretValues(): Row {
  const values = [
    'a',
    ' a ',
    'a\nb',
    'a\r\nb',
    '\ta',
    'a: b',
    '- a',
    '# a',
    '"',
    "'",
    '`',
    '$x',
    '$' + '{x}',
    '{{ x }}',
    '%',
    '&a',
    '*a',
    '!a',
    '|',
    '>',
    '@a',
    '?',
    '[]',
    '{}',
    'null',
    'true',
    '0123',
    '1e3',
    '~',
    '=',
    '<<',
    '\u00e4\ud83d\ude80',
    '\u2028',
    'x'.repeat(100_000),
  ];
  const manifest = 'kind: Secret\nmetadata: {name: a}\nstringData:\n  b: StrongBase64Password\n';
  return {
    name: 'values of secrets in templates',
    trials: values.map((value) => ({
      name: JSON.stringify(value.slice(0, 20)),
      run: async () => {
        const { stringData, ...rest } = parse(fillTemplates(manifest, { A_B: value }));
        const same =
          stringData.b === value &&
          Object.keys(stringData).length === 1 &&
          Object.keys(rest).join() === 'kind,metadata';
        return same ? undefined : `it was read back as ${JSON.stringify(stringData).slice(0, 100)}`;
      },
    })),
  };
}
