import { copyFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Argument, Command, Option } from 'commander';
import fc from 'fast-check';
import { scripts } from '../../package.json';
import { runCommand } from '../../scripts/support/start';
import { guardOutput } from '../../terminal/output';
import { copiedTree } from '../helpers/copied-tree';
import { ANY_CHARACTER, HOSTILE } from '../helpers/hostile';

jest.setTimeout(300_000);

const SEED = 20260105;

/** A program that a command has started, or would have. */
interface Call {
  readonly program: string;
  readonly args: readonly string[];
  readonly options?: { readonly shell?: unknown };
}

// No program runs but the copy of the tree, the formatter, and git on two folders.
jest.mock('node:child_process', () => {
  const actual = jest.requireActual('node:child_process');
  const calls: Call[] = [];
  const recorded =
    (name: string) =>
    (program: string, args: readonly string[] = [], options = {}) => {
      calls.push({ program, args, options });
      const runs = [process.execPath, 'cp'].includes(program) || (program === 'git' && args.includes('--no-index'));
      return actual[name](runs ? program : '/nonexistent', args, runs ? options : {});
    };
  const mocked = Object.keys(actual).map((name) => [name, /^(spawn|exec)/.test(name) ? recorded(name) : actual[name]]);
  return { ...Object.fromEntries(mocked), calls };
});
jest.mock('../../clients/google', () => ({
  ...jest.requireActual('../../clients/google'),
  googleClients: () => ({
    compute: {
      instances: {
        get: async () => {
          throw new Error('no credentials');
        },
      },
    },
  }),
  cloudNow: async () => new Date(),
  signedInClients: async () => {
    throw new Error('no credentials');
  },
}));
// It takes longer than everything else, and depends on no argument.
jest.mock('../../stacks/app', () => ({ synthesise: () => 'cdktf.out' }));
jest.mock('../../sandbox/sandbox', () => ({
  startSandbox: async () => {
    throw new Error('no sandbox');
  },
}));

const { calls } = jest.requireMock<{ calls: Call[] }>('node:child_process');

/** Values with which a command gets as far as it can; those of arguments that are not named are `x`. */
const VALID: Readonly<Record<string, string>> = {
  ...{ platform: 'threads', env: 'prod', service: 'nextjs', tag: '8caff6f', like: 'prod', cidr: '10.30.0.0/24' },
  ...{
    port: '8100',
    reason: 'repair',
    name: 'trial',
    names: 'nextjs',
    stage: 'build',
    state: 'failed',
    since: 'HEAD~1',
  },
  ...{ hostname: 'trial.example.com', hours: '24', processes: '1', schedules: '1', rounds: '1', command: 'true' },
};

const names = Object.entries(scripts).flatMap(([name, line]) => {
  const [, file] = /(?:^| )scripts\/([\w-]+)\.ts$/.exec(line) ?? [];
  // They measure for minutes, and have no argument but numbers and choices.
  return file && !name.startsWith('bench') ? [[name, file] as const] : [];
});

/** A command without subcommands, with the words that call it. */
interface Leaf {
  readonly root: Command;
  readonly words: readonly string[];
  readonly command: Command;
}

const leaves: Leaf[] = names.flatMap(([, file]) => {
  const { default: root } = require(`../../scripts/${file}`) as { default: Command };
  return root.commands.length === 0
    ? [{ root, words: [], command: root }]
    : root.commands.map((command) => ({ root, words: [command.name()], command }));
});

/** Every parameter that takes text, by the call that it belongs to. */
const cases = leaves.flatMap((leaf) =>
  [
    ...leaf.command.options.filter(({ required, optional }) => required || optional),
    ...leaf.command.registeredArguments,
  ].map((parameter) => ({
    called: [leaf.root.name(), ...leaf.words].join(' '),
    what: nameOf(parameter),
    leaf,
    parameter,
  })),
);

function nameOf(parameter: Option | Argument): string {
  return 'long' in parameter ? (parameter.long ?? '') : `<${parameter.name()}>`;
}

/** The words of a call in which everything is valid but one parameter. */
function wordsOf({ words, command }: Leaf, hostile: Option | Argument, value: string): string[] {
  const textOf = (one: Option | Argument, name: string) => (one === hostile ? value : (VALID[name] ?? 'x'));
  const options = command.options.flatMap((option) => {
    const isGiven = option === hostile || option.mandatory || ['--env', '--dry-run'].includes(option.long ?? '');
    if (!isGiven) return [];
    return option.required || option.optional
      ? [`${option.long}=${textOf(option, option.attributeName())}`]
      : [option.long ?? ''];
  });
  const positional = command.registeredArguments.map((argument) => textOf(argument, argument.name()));
  return [...words, ...options, '--', ...positional];
}

const root = copiedTree().root;
const before = process.cwd();
const printed: string[] = [];
const listeners = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map(
  (signal) => [signal, process.listeners(signal)] as const,
);

beforeAll(() => {
  copyFileSync('cdktf.json', join(root, 'cdktf.json'));
  process.chdir(root);
  jest.spyOn(process, 'exit').mockImplementation((code) => {
    throw Object.assign(new Error('ended'), { exitCode: code });
  });
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation((text) => {
      printed.push(String(text));
      return true;
    });
  }
  guardOutput();
});
afterAll(() => {
  process.chdir(before);
  jest.restoreAllMocks();
  process.exitCode = 0;
});

/** What is in the folder that commands run in, except the folders for output. */
function filesOf(folder: string): string {
  return readdirSync(folder)
    .filter((name) => !['cdktf.out', 'reports'].includes(name))
    .sort()
    .join();
}

async function called(leaf: Leaf, words: readonly string[]): Promise<{ code: unknown; said: string }> {
  printed.length = 0;
  calls.length = 0;
  process.exitCode = 0;
  Object.defineProperty(process.stdin, 'isTTY', { value: true, configurable: true });
  await runCommand(leaf.root, words);
  for (const [signal, kept] of listeners)
    for (const one of process.listeners(signal)) if (!kept.includes(one)) process.off(signal, one);
  return { code: process.exitCode, said: printed.join('') };
}

test('the commands are those of package.json', () => {
  expect(names.length).toBeGreaterThan(20);
  const files = readdirSync(join(before, 'scripts')).filter(
    (file) => file.endsWith('.ts') && !file.startsWith('bench'),
  );
  expect(names.map(([, file]) => `${file}.ts`).sort()).toEqual(files.sort());
});

test.each(cases)(
  '$called refuses a hostile $what in plain words, or hands it on as one word',
  async ({ leaf, parameter }) => {
    const text = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: ANY_CHARACTER, maxLength: 40 }));
    // No argument of a process holds a null byte.
    const argument = text.map((one) => one.replaceAll('\0', ''));
    await fc.assert(
      fc.asyncProperty(argument, async (value) => {
        const files = filesOf(root);
        const { code, said } = await called(leaf, wordsOf(leaf, parameter, value));
        expect([0, 1, 2, 3, 4, 5]).toContain(code);
        if (code !== 0) expect(said.trim()).not.toBe('');
        expect(said).not.toMatch(
          /^\s+at \S+ \(|TypeError|is not a function|Cannot read prop|\[object Object\]|\bERR_|(?<![\w"])undefined(?![\w"])/m,
        );
        // biome-ignore lint/suspicious/noControlCharactersInRegex: no such character may reach a terminal.
        expect(said).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
        for (const { args, options } of calls) {
          expect(options?.shell ?? false).toBe(false);
          if (value.startsWith('-')) expect(args).not.toContain(value);
          if (value.length > 3) expect(args.slice(args.indexOf('-c') + 1)[0] ?? '').not.toContain(value);
        }
        // A folder for output is named by whoever asks for it.
        if (!['--out', '--report'].includes(nameOf(parameter))) expect(filesOf(root)).toBe(files);
      }),
      // A test that finds something new each time would be blamed on whoever runs it; the bench tries all of them.
      { numRuns: 2, seed: SEED + cases.findIndex((one) => one.parameter === parameter) },
    );
  },
);

test.each(leaves)('no line of its help is longer than 80 characters: $root._name $words', async (leaf) => {
  const { said } = await called(leaf, [...leaf.words, '--help']);
  expect(said).toContain('Usage: ');
  expect(said.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

test('nothing hostile was left in the tree', () => {
  expect(existsSync(join(root, 'platforms', 'trial'))).toBe(false);
  expect(readFileSync(join(root, 'platforms', 'threads', 'platform.ts'), 'utf8')).toBe(
    readFileSync(join(before, 'platforms', 'threads', 'platform.ts'), 'utf8'),
  );
});
