import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { ArgumentRules, ProviderBehaviour, ResourceBehaviour } from '../protocol/behaviour';
import { isUnknown, type Value, type Values } from '../protocol/values';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
/** Source: documentation of `random_password` in hashicorp/random 3.7.2. */
const SPECIAL = '!@#$%&*()-_=+[]{}<>:?';

const ADVERBS = ['calmly', 'daily', 'easily', 'freely', 'gently', 'kindly', 'lightly', 'mostly', 'openly', 'quietly'];
const ADJECTIVES = ['amber', 'brave', 'clever', 'eager', 'fond', 'golden', 'happy', 'keen', 'loyal', 'merry'];
const ANIMALS = ['badger', 'crane', 'dingo', 'falcon', 'gecko', 'heron', 'lynx', 'marmot', 'otter', 'wombat'];

/** What the provider plans for a string of characters where the configuration does not set it. */
const CHARACTERS: Values = {
  ...{ lower: true, upper: true, numeric: true, number: true, special: true },
  ...{ min_lower: 0, min_upper: 0, min_numeric: 0, min_special: 0 },
};

/**
 * The simulated random provider. Values are random each time, with a `seed` too: the generator of the real one is not
 * rebuilt. `bcrypt_hash` of a password is null.
 */
export function randomProvider(): ProviderBehaviour {
  return {
    name: 'random',
    source: 'hashicorp/random',
    resources: [
      drawn('random_bytes', ['length'], ({ length }) => encodings(randomBytes(Number(length))), {
        sensitive: ['base64', 'hex'],
      }),
      drawn('random_id', ['byte_length', 'prefix'], identify),
      drawn('random_integer', ['min', 'max', 'seed'], ({ min, max }) => {
        const result = randomInt(Number(min), Number(max) + 1);
        return { result, id: String(result) };
      }),
      drawn('random_pet', ['length', 'prefix', 'separator'], (values) => ({ id: pet(values) }), {
        defaults: { length: 2, separator: '-' },
      }),
      drawn('random_shuffle', ['input', 'result_count', 'seed'], shuffle),
      drawn('random_uuid', [], () => {
        const result = randomUUID();
        return { result, id: result };
      }),
      drawn('random_string', characterArguments, (values) => withId(characters(values)), { defaults: CHARACTERS }),
      drawn('random_password', characterArguments, (values) => ({ result: characters(values), id: 'none' }), {
        defaults: CHARACTERS,
        sensitive: ['result', 'bcrypt_hash'],
      }),
    ],
    data: [],
  };
}

const characterArguments = ['length', 'override_special', ...Object.keys(CHARACTERS)];

interface Extras {
  readonly defaults?: Values;
  readonly sensitive?: readonly string[];
}

/** A resource that is drawn once: whatever changes replaces it. */
function drawn(
  type: string,
  names: readonly string[],
  draw: (values: Values) => Values,
  { defaults = {}, sensitive }: Extras = {},
): ResourceBehaviour {
  const rules: ArgumentRules = Object.fromEntries([...names, 'keepers'].map((name) => [name, 'replace' as const]));
  return {
    type,
    arguments: rules,
    sensitive,
    plan: (planned) => ({
      ...planned,
      ...Object.fromEntries(Object.entries(defaults).filter(([name]) => isUnknown(planned[name]))),
    }),
    async create(planned) {
      const values = { ...planned, ...draw(planned) };
      return { key: String(values['id'] ?? ''), values };
    },
    read: async (_key, prior) => prior,
    update: async (_key, _prior, planned) => planned,
    delete: async () => {},
  };
}

function withId(result: string): Values {
  return { result, id: result };
}

function encodings(bytes: Buffer): Values {
  return { base64: bytes.toString('base64'), hex: bytes.toString('hex') };
}

function identify({ byte_length: length, prefix }: Values): Values {
  const bytes = randomBytes(Number(length));
  const named = (text: string) => `${typeof prefix === 'string' ? prefix : ''}${text}`;
  return {
    id: bytes.toString('base64url'),
    b64_url: named(bytes.toString('base64url')),
    b64_std: named(bytes.toString('base64')),
    hex: named(bytes.toString('hex')),
    dec: named(BigInt(`0x${bytes.toString('hex')}`).toString()),
  };
}

function pet({ length, prefix, separator }: Values): string {
  const adverbs = Array.from({ length: Math.max(0, Number(length) - 2) }, () => one(ADVERBS));
  const words = [...adverbs, ...(Number(length) > 1 ? [one(ADJECTIVES)] : []), one(ANIMALS)];
  return [...(typeof prefix === 'string' ? [prefix] : []), ...words].join(String(separator));
}

function shuffle({ input, result_count: count }: Values): Values {
  const all = [...((input as Value[] | null) ?? [])];
  for (let last = all.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [all[last], all[other]] = [all[other] as Value, all[last] as Value];
  }
  return { id: '-', result: count === null || count === undefined ? all : all.slice(0, Number(count)) };
}

/** So many characters of the kinds that are wanted, of each at least so many. */
function characters(values: Values): string {
  const own = values['override_special'];
  const kinds: readonly (readonly [name: string, set: string])[] = [
    ['lower', LETTERS],
    ['upper', LETTERS.toUpperCase()],
    ['numeric', '0123456789'],
    ['special', typeof own === 'string' && own ? own : SPECIAL],
  ];
  const least = kinds.flatMap(([name, set]) =>
    Array.from({ length: Number(values[`min_${name}`] ?? 0) }, () => one([...set])),
  );
  const all = kinds.flatMap(([name, set]) => (values[name] === false ? [] : [...set]));
  const more = Array.from({ length: Math.max(0, Number(values['length']) - least.length) }, () => one(all));
  return (shuffle({ input: [...least, ...more], result_count: null })['result'] as string[]).join('');
}

function one(of: readonly string[]): string {
  return of[randomInt(of.length)] ?? '';
}
