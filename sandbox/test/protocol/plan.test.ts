import { argumentPaths, placesAt, ruleFor } from '../../protocol/arguments';
import type { ArgumentRules } from '../../protocol/behaviour';
import { differences } from '../../protocol/differences';
import { planUpdate } from '../../protocol/plan';
import type { Field, Fields } from '../../protocol/schema/field';
import { typeOfAll } from '../../protocol/schema/field';
import { UNKNOWN, type Values } from '../../protocol/values';
import { World } from '../../world';

const text: Field = { kind: 'attribute', optional: true, type: 'string' };
const cloudText: Field = { ...text, computed: true };
const block = (nesting: 'list' | 'set', fields: Fields): Field => ({ kind: 'block', optional: true, nesting, fields });
const fields: Fields = {
  id: { kind: 'attribute', computed: true, type: 'string' },
  name: text,
  zone: cloudText,
  tags: { kind: 'attribute', optional: true, type: ['set', 'string'] },
  labels: { kind: 'attribute', optional: true, type: ['map', 'string'] },
  disk: block('list', { source: text, device: cloudText }),
  rule: block('set', { port: text, hash: cloudText }),
  timeouts: { kind: 'block', optional: true, nesting: 'single', fields: { create: text } },
};
const empty: Values = { id: 'x', name: null, zone: null, tags: null, labels: null, disk: [], rule: [], timeouts: null };
const paths = (before: Values, after: Values) =>
  differences(fields, { ...empty, ...before }, { ...empty, ...after }).map(({ path }) => path);

function plan(rules: ArgumentRules, before: Values, after: Values) {
  const behaviour = {
    type: 'toy',
    arguments: rules,
    recomputed: ['id'],
    create: () => Promise.reject(new Error('not called')),
    read: async () => null,
    update: () => Promise.reject(new Error('not called')),
    delete: async () => {},
  };
  const served = { behaviour, fields, type: typeOfAll(fields), isKnown: false };
  return planUpdate(
    'toyland',
    served,
    { ...empty, ...before },
    { ...empty, ...after },
    { ...empty, ...after, id: null },
    { world: World.inMemory(), provider: {}, home: '' },
  );
}

test.each<[string, Values, Values, string[]]>([
  ['an argument', { name: 'a' }, { name: 'b' }, ['name']],
  ['an argument that becomes unknown', { name: 'a' }, { name: UNKNOWN }, ['name']],
  ['the order of a set', { tags: ['a', 'b'] }, { tags: ['b', 'a'] }, []],
  ['one key of a map', { labels: { a: '1', b: '2' } }, { labels: { a: '1', b: '3' } }, ['labels.b']],
  ['a map that goes away', { labels: { a: '1' } }, { labels: null }, ['labels.a']],
  ['an argument inside a block', { disk: [{ source: 'a' }] }, { disk: [{ source: 'b' }] }, ['disk.source']],
  ['a block that comes', { disk: [] }, { disk: [{ source: 'b' }] }, ['disk']],
  ['one element of a set', { rule: [{ port: '1', hash: 'h' }] }, { rule: [{ port: '2', hash: null }] }, ['rule.port']],
  [
    'the order of blocks in a set',
    { rule: [{ port: '1' }, { port: '2' }] },
    { rule: [{ port: '2' }, { port: '1' }] },
    [],
  ],
  ['what only the cloud sets', { id: 'a' }, { id: 'b' }, []],
])('%s is named without list indexes', (_, before, after, expected) => {
  expect(paths(before, after)).toEqual(expected);
});

test('core gets the exact place, as deep as it can follow', () => {
  const steps = (before: Values, after: Values) =>
    differences(fields, { ...empty, ...before }, { ...empty, ...after }).map((each) => each.steps);
  expect(steps({ disk: [{ source: 'a' }, { source: 'b' }] }, { disk: [{ source: 'a' }, { source: 'c' }] })).toEqual([
    [{ attribute_name: 'disk' }, { element_key_int: 1 }, { attribute_name: 'source' }],
  ]);
  expect(steps({ rule: [{ port: '1' }] }, { rule: [{ port: '2' }] })).toEqual([[{ attribute_name: 'rule' }]]);
});

test('the rule of the nearest argument around holds', () => {
  const rules: ArgumentRules = { disk: 'replace', 'disk.source': 'stop', labels: 'in-place' };
  expect(ruleFor(rules, 'disk.source')?.change).toBe('stop');
  expect(ruleFor(rules, 'disk.device')?.change).toBe('replace');
  expect(ruleFor(rules, 'labels.app.kubernetes.io/name')?.change).toBe('in-place');
  expect(ruleFor(rules, 'disks')).toBeUndefined();
  expect(ruleFor({}, 'timeouts.create')?.change).toBe('in-place');
});

test('blocks that come or go follow their own rule, or the strictest of what is in them', () => {
  const come = (rules: ArgumentRules) => plan(rules, {}, { disk: [{ source: 'a', device: 'b' }] });
  expect(come({ disk: 'in-place', 'disk.source': 'replace' }).replace).toHaveLength(0);
  expect(come({ 'disk.source': 'replace', 'disk.device': 'in-place' }).replace).toHaveLength(1);
  expect(come({ 'disk.source': 'replace' }).diagnostics.map(({ summary }) => summary)).toEqual([
    'the sandbox does not know what toyland does when toy.disk changes',
  ]);
});

test('what is recomputed is unknown after a change, and only then', () => {
  expect(plan({ name: 'in-place' }, { name: 'a' }, { name: 'b' }).planned['id']).toBe(UNKNOWN);
  expect(plan({ name: 'in-place' }, { name: 'a' }, { name: 'a' }).planned['id']).toBe('x');
  expect(plan({}, {}, { timeouts: { create: '1m' } }).planned['id']).toBe('x');
});

test('a computed argument is unknown in a new block, and kept in one that was there', () => {
  const { planned } = plan(
    { disk: 'in-place' },
    { disk: [{ source: 'a', device: 'one' }] },
    {
      disk: [
        { source: 'b', device: 'one' },
        { source: 'c', device: null },
      ],
    },
  );
  expect(planned['disk']).toEqual([
    { source: 'b', device: 'one' },
    { source: 'c', device: UNKNOWN },
  ]);
});

test('configured arguments are listed once each, maps whole, empty blocks by their name', () => {
  const config = {
    ...empty,
    name: 'a',
    labels: { a: '1', b: '2' },
    disk: [{ source: 'a' }, { source: null }],
    timeouts: { create: '1m' },
  };
  expect(argumentPaths(fields, config)).toEqual(['name', 'labels', 'disk.source', 'disk']);
});

test('a check meets every value at its path', () => {
  const config = { ...empty, disk: [{ source: 'a' }, { source: 'b' }, { source: null }], labels: { a: '1' } };
  expect(placesAt(fields, config, 'disk.source').map(({ value }) => value)).toEqual(['a', 'b']);
  expect(placesAt(fields, config, 'labels.a')).toMatchObject([
    { value: '1', steps: [{}, { element_key_string: 'a' }] },
  ]);
  expect(placesAt(fields, config, 'labels.b')).toEqual([]);
});
