import { decode } from '@msgpack/msgpack';
import fc from 'fast-check';
import type { CtyType } from '../../protocol/schema/field';
import { decodeJson, decodeValue, encodeValue, equal, isUnknown, UNKNOWN, type Value } from '../../protocol/values';

const key = fc.stringMatching(/^[a-z][a-z0-9_]{0,5}$/);
const number = fc.oneof(
  fc.integer(),
  fc
    .double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 })
    .map((each) => (Object.is(each, -0) ? 0 : each)),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 80n }).map(String),
  fc.constantFrom(0.1, 1e-7),
);

/** A type together with values of it, unknown ones and null among them. */
const typed: fc.Arbitrary<{ type: CtyType; value: Value }> = fc.letrec<{ any: { type: CtyType; value: Value } }>(
  (tie) => ({
    any: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc
        .constantFrom<CtyType>('string', 'number', 'bool', 'dynamic')
        .chain((type) => valuesOf(type).map((value) => ({ type, value }))),
      fc.dictionary(key, tie('any'), { maxKeys: 4 }).map((members) => ({
        type: ['object', mapped(members, ({ type }) => type)] as CtyType,
        value: mapped(members, ({ value }) => value),
      })),
      tie('any').chain(({ type }) =>
        fc
          .constantFrom('list' as const, 'set' as const)
          .map((nesting) => ({ type: [nesting, type] as CtyType, value: [] })),
      ),
      fc.array(fc.string()).map((value) => ({ type: ['list', 'string'] as CtyType, value })),
      fc.dictionary(key, number).map((value) => ({ type: ['map', 'number'] as CtyType, value: { ...value } })),
    ),
  }),
).any;

function valuesOf(type: CtyType): fc.Arbitrary<Value> {
  const free = fc
    .jsonValue({ maxDepth: 3 })
    .map((value) => JSON.parse(JSON.stringify(value).replaceAll('"__proto__"', '"p"')) as Value);
  const known = type === 'string' ? fc.string() : type === 'number' ? number : type === 'bool' ? fc.boolean() : free;
  return fc.oneof(
    { weight: 6, arbitrary: known as fc.Arbitrary<Value> },
    { weight: 1, arbitrary: fc.constantFrom(null, UNKNOWN) },
  );
}

function mapped<T, U>(members: Record<string, T>, change: (member: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, change(member)]));
}

test('every value comes back as it went out', () => {
  fc.assert(
    fc.property(typed, ({ type, value }) => {
      const back = decodeValue(encodeValue(value, type), type);
      expect(equal(back, value)).toBe(true);
      expect(encodeValue(back, type)).toEqual(encodeValue(value, type));
    }),
  );
});

test('every whole number survives a state file to the last digit', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }), fc.string(), (whole, text) => {
      const state = `{"n":${whole},"s":${JSON.stringify(text)}}`;
      const read = decodeJson(state, ['object', { n: 'number', s: 'string' }]) as { n: number | string; s: string };
      expect(BigInt(read.n)).toBe(whole);
      expect(read.s).toBe(text);
    }),
  );
});

test('an unknown value is extension 0 with one zero byte, and any extension is read as unknown', () => {
  expect([...encodeValue(UNKNOWN, 'string')]).toEqual([0xd4, 0x00, 0x00]);
  const refined = Uint8Array.from([0xc7, 0x02, 0x0c, 0x81, 0x01]);
  expect(isUnknown(decodeValue(refined, 'string'))).toBe(true);
});

test('a fraction goes as text, because Terraform counts in decimals', () => {
  expect(decode(encodeValue(0.1, 'number'))).toBe('0.1');
  expect(decodeValue(encodeValue(0.1, 'number'), 'number')).toBe(0.1);
});

test('a free-form value is plain to a behaviour, and keeps the types it came with', () => {
  const manifest = { kind: 'ConfigMap', data: { a: 'b' }, list: ['x'] };
  const type = ['object', { kind: 'string', data: ['map', 'string'], list: ['list', 'string'] }];
  const state = decodeJson(JSON.stringify({ manifest: { type, value: manifest } }), [
    'object',
    { manifest: 'dynamic' },
  ]) as {
    manifest: Value;
  };
  expect(state.manifest).toEqual(manifest);
  const [written] = decode(encodeValue(state.manifest, 'dynamic')) as [Uint8Array, unknown];
  expect(JSON.parse(Buffer.from(written).toString())).toEqual(type);
});

test('a free-form value that was changed has its types worked out anew', () => {
  const read = decodeValue(encodeValue({ a: 'b' }, 'dynamic'), 'dynamic') as { [key: string]: Value };
  read['c'] = 1;
  expect(decodeValue(encodeValue(read, 'dynamic'), 'dynamic')).toEqual({ a: 'b', c: 1 });
});

test('what is left out of an object is written as null', () => {
  expect(decode(encodeValue({ a: 1 }, ['object', { a: 'number', b: 'string' }]))).toEqual({ a: 1, b: null });
});

test.each<[CtyType, Value, string]>([
  [['object', { a: 'string' }], { a: 1 }, 'attribute "a" must be a string, but it is a number'],
  [['object', { a: ['list', 'bool'] }], { a: ['x'] }, 'attribute "a.0" must be true or false, but it is a string'],
  [['object', { a: ['map', 'string'] }], { a: ['x'] }, 'attribute "a" must be a map, but it is a list'],
  [['object', { a: 'string' }], { b: 'x' }, 'attribute "b" is not in the schema'],
])('a value of another type is refused: %j', (type, value, message) => {
  expect(() => encodeValue(value, type)).toThrow(message);
});

test('numbers are compared by value, absent keys as null', () => {
  expect(equal({ a: 10n, b: null }, { a: 10 })).toBe(true);
  expect(equal([1, 2], [2, 1])).toBe(false);
  expect(equal(9007199254740993n, 9007199254740992)).toBe(false);
});
