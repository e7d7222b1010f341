import { existsSync, readFileSync } from 'node:fs';
import { ServedProvider } from '../../sandbox/protocol/served';
import { isUnknown } from '../../sandbox/protocol/values';
import {
  format,
  OWNERS,
  readTable,
  rulesFile,
  rulesOf,
  type Table,
  type TableArgument,
} from '../../sandbox/tools/rules';
import { simulatedProviders, supportedTypes } from '../../sandbox/types';
import { EXCEPTIONS, type Kind } from './exceptions';
import { say, tables } from './folders';
import { Judged, parentOf, sample } from './judged';

const { folder, lacks } = tables();
const WRONG = `${String.fromCharCode(1)} wrong !`;
const WRONG_NUMBER = -987654321;
const WRONG_FRACTION = -987654321e12;
const PROVIDERS = Object.keys(OWNERS) as (keyof typeof OWNERS)[];
const used = new Set<string>();

/** Agreements of one provider, by what they are about. */
class Score {
  private readonly counts = new Map<Kind, { agree: number; all: number }>();
  readonly wrong: string[] = [];

  add(kind: Kind, argument: string, agrees: boolean, says: () => string): void {
    const count = this.counts.get(kind) ?? { agree: 0, all: 0 };
    this.counts.set(kind, { agree: count.agree + (agrees ? 1 : 0), all: count.all + 1 });
    if (agrees) return;
    const known = EXCEPTIONS.find((one) => one.kind === kind && matches(one.argument, argument));
    if (known) used.add(`${known.kind} ${known.argument}`);
    else this.wrong.push(`${kind} of ${argument}: ${says()}`);
  }

  toString(): string {
    return [...this.counts].map(([kind, { agree, all }]) => `${kind}s agree ${agree} of ${all}`).join(', ');
  }
}

if (lacks) {
  say("SKIPPED: nothing was compared with the providers' tables", lacks);
  test.skip('the simulated providers agree with the tables of the real ones', () => {});
} else {
  const nowhere = () => {
    throw new Error('no cluster runs while tables are compared');
  };
  const served = new Map(
    simulatedProviders({ fromKubeconfig: nowhere }).map((behaviour) => [behaviour.name, new ServedProvider(behaviour)]),
  );

  test.each(PROVIDERS)('the simulated %s provider agrees with the table of the real one', (name) => {
    const table = readTable(folder, name);
    const score = new Score();
    for (const [type, one] of served.get(name)?.resources ?? []) {
      const args = table.resources[type]?.args;
      if (!args) continue;
      const judged = new Judged(one);
      for (const [path, argument] of Object.entries(args)) {
        if (argument.mode === 'computed') continue;
        judge(score, judged, `${type}.${path}`, path, argument, args);
      }
    }
    say(name, String(score));
    expect(score.wrong).toEqual([]);
  });

  test.each(PROVIDERS)('the rules of %s are those of its table', (name) => {
    const types = supportedTypes().flatMap(({ type, kind }) => (kind === 'resource' ? [type] : []));
    const file = rulesFile(name);
    expect(existsSync(file) && readFileSync(file, 'utf8')).toBe(
      format(rulesOf(readTable(folder, name) as Table, types)),
    );
  });

  test('every exception is needed', () => {
    const kinds: readonly Kind[] = ['change', 'default', 'validator', 'combination'];
    const needless = EXCEPTIONS.filter(
      ({ kind, argument }) => kinds.includes(kind) && !used.has(`${kind} ${argument}`),
    );
    expect(needless).toEqual([]);
  });
}

function judge(
  score: Score,
  judged: Judged,
  argument: string,
  path: string,
  table: TableArgument,
  args: Readonly<Record<string, TableArgument>>,
): void {
  if (!table.writeOnly) {
    const changed = judged.change(path, sample(table, 0), sample(table, 1));
    // A block that comes brings the defaults of its arguments: one of them may force the replacement.
    const brings = Object.entries(args).some(
      ([inner, one]) => parentOf(inner) === path && one.forceNew && one.default !== undefined,
    );
    score.add(
      'change',
      argument,
      changed === (table.forceNew || brings ? 'replace' : 'in place'),
      () => `it is ${changed}`,
    );
  }
  if (table.default !== undefined) {
    const planned = judged.planned(path);
    score.add('default', argument, same(planned, table.default), () => `${show(planned)}, not ${show(table.default)}`);
  }
  if (table.wrong) {
    const wrong = /Float/.test(table.type) ? WRONG_FRACTION : /Int/.test(table.type) ? WRONG_NUMBER : WRONG;
    const value = /^(Set|List)/.test(table.type) ? [wrong] : wrong;
    const said = judged.problems([[path, value]]).map(({ summary }) => summary);
    const missing = table.wrong.filter((message) => !said.some((one) => worded(one, message)));
    score.add('validator', argument, missing.length === 0, () => `it says ${show(said)}, not ${show(missing)}`);
  }
  judgeCombinations(score, judged, argument, path, table);
}

function judgeCombinations(score: Score, judged: Judged, argument: string, path: string, table: TableArgument): void {
  const own = sample(table, 1);
  const find = (key: string) =>
    key
      .split('.')
      .filter((part) => !/^\d+$/.test(part))
      .join('.');
  /** The SDK looks up keys with the index of each block: it never finds one without. */
  const isFound = (key: string) => key.split('.').length === 2 * find(key).split('.').length - 1;
  const says = (set: [string, ReturnType<typeof sample>][], words: string) =>
    judged.problems(set).some(({ summary, detail }) => `${summary}: ${detail}`.includes(words));
  for (const other of table.conflictsWith ?? []) {
    const refused = says(
      [
        [path, own],
        [find(other), ['x']],
      ],
      `conflicts with ${other}`,
    );
    score.add(
      'combination',
      argument,
      refused === isFound(other),
      () => `with ${other} it is ${refused ? '' : 'not '}refused`,
    );
  }
  for (const [others, words] of [
    [table.exactlyOneOf, 'one of `'],
    [table.atLeastOneOf, 'one of `'],
  ] as const) {
    if (!others) continue;
    const key = path.split('.').join('.0.');
    const block = parentOf(path);
    const none = says(block ? [[block, [{}]]] : [], `"${key}": ${words}`);
    const one = says([[path, own]], `"${key}": ${words}`);
    score.add(
      'combination',
      argument,
      none && !one,
      () => `none of ${show(others)} is ${none ? '' : 'not '}refused, it alone ${one ? '' : 'not '}`,
    );
  }
  if (table.exactlyOneOf) {
    const others = table.exactlyOneOf.filter((other) => find(other) !== path);
    const both = others.every((other) =>
      says(
        [
          [path, own],
          [find(other), ['x']],
        ],
        'only one of',
      ),
    );
    score.add('combination', argument, both, () => `with another of ${show(others)} it is not refused`);
  }
  for (const other of table.requiredWith ?? []) {
    const refused = says([[path, own]], `all of`);
    score.add('combination', argument, refused, () => `without ${other} it is not refused`);
  }
}

/** Whether a message is that of a table, which writes ARG for the argument. */
function worded(said: string, message: string): boolean {
  const plain = (text: string) => text.replaceAll('\\x01', String.fromCharCode(1)).replace(/[[\]]/g, '');
  const pattern = plain(message)
    .split('ARG')
    .map((part) => part.replace(/[.*+?^${}()|\\]/g, '\\$&'))
    .join('[\\w.]+');
  return new RegExp(`^${pattern}$`, 's').test(plain(said));
}

function matches(pattern: string, argument: string): boolean {
  return pattern.endsWith('*') ? argument.startsWith(pattern.slice(0, -1)) : argument === pattern;
}

function same(planned: unknown, wanted: unknown): boolean {
  return !isUnknown(planned) && String(planned) === String(wanted);
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}
