import type { Context, ResourceBehaviour } from '../../protocol/behaviour';
import { type ResourceFacts, withFacts } from '../../protocol/facts';
import { planCreate, planUpdate } from '../../protocol/plan';
import { withDefaults } from '../../protocol/planned';
import { type Field, type Fields, typeOfAll } from '../../protocol/schema/field';
import { problemsIn } from '../../protocol/validate';
import { UNKNOWN, type Values } from '../../protocol/values';
import { World } from '../../world';

const text: Field = { kind: 'attribute', optional: true, type: 'string' };
const block = (fields: Fields, nesting: 'list' | 'set' = 'list'): Field => ({
  kind: 'block',
  optional: true,
  nesting,
  fields,
});
const schema: Fields = {
  name: text,
  priority: { kind: 'attribute', optional: true, type: 'number' },
  tags: { kind: 'attribute', optional: true, type: ['set', 'string'] },
  secret: text,
  labels: { kind: 'attribute', optional: true, type: ['map', 'string'] },
  auto: block({ region: text }),
  manual: block({ region: text, zone: text }),
  rule: block({ port: text, note: text }, 'set'),
  status: block({ phase: text }),
};
const empty: Values = {
  ...{ name: null, priority: null, tags: null, secret: null, labels: null },
  ...{ auto: [], manual: [], rule: [], status: [] },
};
const facts: ResourceFacts = {
  name: { replace: true },
  priority: { default: 1000, checks: [{ check: 'between', of: [0, 65535] }] },
  tags: { max: 2, conflictsWith: ['labels', 'manual.region', 'manual.0.region'] },
  secret: { writeOnly: true },
  auto: { exactlyOneOf: ['auto', 'manual'] },
  manual: { exactlyOneOf: ['auto', 'manual'] },
  'manual.region': { replace: true, requiredWith: ['manual.0.zone'] },
  'manual.zone': { atLeastOneOf: ['manual.0.region', 'manual.0.zone'] },
  status: { computed: true },
};

const behaviour: ResourceBehaviour = {
  type: 'toy',
  arguments: {},
  create: () => Promise.reject(new Error('not called')),
  read: async () => null,
  update: () => Promise.reject(new Error('not called')),
  delete: async () => {},
};
const fields = withFacts('toy', schema, facts);
const served = { behaviour, fields, type: typeOfAll(fields), isKnown: true };
const context: Context = { world: World.inMemory(), provider: {}, home: '' };
const said = (config: Values) =>
  problemsIn(served, { ...empty, ...config }).map(({ summary, detail }) =>
    detail ? `${summary}: ${detail}` : summary,
  );

function planned(config: Values, prior?: Values) {
  const proposed = { ...empty, ...config };
  if (!prior) return planCreate(served, proposed);
  return planUpdate('toyland', served, withDefaults(fields, { ...empty, ...prior }), proposed, proposed, context);
}

test('a fact of an argument that the schema does not have is an error', () => {
  expect(() => withFacts('toy', schema, { nmae: { replace: true } })).toThrow('toy has no argument nmae');
});

test('what the table does not speak of changes in place, and what forces a replacement does', () => {
  const change = (before: Values, after: Values) => planned(after, before).replace.length;
  expect(change({ name: 'a' }, { name: 'b' })).toBe(1);
  expect(change({ tags: ['a'] }, { tags: ['b'] })).toBe(0);
  expect(change({ manual: [] }, { manual: [{ region: 'r', zone: 'z' }] })).toBe(1);
  expect(change({ manual: [] }, { manual: [{ region: null, zone: 'z' }] })).toBe(0);
});

test('defaults are planned, also when an argument goes away again', () => {
  expect(planned({}).planned['priority']).toBe(1000);
  expect(planned({}, { priority: 5 }).planned['priority']).toBe(1000);
  expect(planned({ rule: [{ port: '1', note: null }] }).planned['rule']).toEqual([{ port: '1', note: '' }]);
});

test('a write-only value is never planned', () => {
  expect(planned({ secret: 'hush' }).planned['secret']).toBeNull();
});

test('a list that holds something unknown is unknown', () => {
  expect(planned({ tags: ['a', UNKNOWN] }).planned['tags']).toBe(UNKNOWN);
  expect(planned({ labels: { a: UNKNOWN } }).planned['labels']).toBe(UNKNOWN);
});

test('a block that the cloud brings is unknown until it has, and stays', () => {
  expect(planned({}).planned['status']).toBe(UNKNOWN);
  expect(planned({}, { status: [{ phase: 'up' }] }).planned['status']).toEqual([{ phase: 'up' }]);
});

test('empty, false and zero are the same as not set', () => {
  expect(planned({ name: '' }, { name: null }).replace).toEqual([]);
  expect(planned({ name: 'a' }, { name: '' }).replace).toHaveLength(1);
});

const ONE = { auto: [{ region: null }] };

test.each<[string, Values, string[]]>([
  ['nothing wrong', ONE, []],
  ['a value out of range', { ...ONE, priority: -1 }, ['expected priority to be in the range (0 - 65535), got -1']],
  [
    'too many elements',
    { ...ONE, tags: ['a', 'b', 'c'] },
    ['Too many list items: Attribute tags supports 2 item maximum, but config has 3 declared.'],
  ],
  [
    'none of two',
    {},
    [
      'Invalid combination of arguments: "auto": one of `auto,manual` must be specified',
      'Invalid combination of arguments: "manual": one of `auto,manual` must be specified',
    ],
  ],
  [
    'both of two',
    { ...ONE, manual: [{ region: null, zone: 'z' }] },
    [
      'Invalid combination of arguments: "auto": only one of `auto,manual` can be specified, but `auto,manual` were specified.',
      'Invalid combination of arguments: "manual": only one of `auto,manual` can be specified, but `auto,manual` were specified.',
    ],
  ],
  [
    'a conflict',
    { ...ONE, tags: ['a'], labels: { a: 'b' } },
    ['Conflicting configuration arguments: "tags": conflicts with labels'],
  ],
  [
    'a conflict inside a block, by its index only',
    { manual: [{ region: 'r', zone: 'z' }], tags: ['a'] },
    ['Conflicting configuration arguments: "tags": conflicts with manual.0.region'],
  ],
  [
    'one without the other',
    { manual: [{ region: 'r', zone: null }] },
    ['Missing required argument: "manual.0.region": all of `manual.0.region,manual.0.zone` must be specified'],
  ],
  [
    'a block of nothing',
    { manual: [{ region: null, zone: null }] },
    ['Missing required argument: "manual.0.zone": one of `manual.0.region,manual.0.zone` must be specified'],
  ],
  ['what is unknown', { auto: UNKNOWN, priority: UNKNOWN }, []],
])('%s is said in the words of the providers', (_, config, problems) => {
  expect(said(config)).toEqual(problems);
});
