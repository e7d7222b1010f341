import fc from 'fast-check';
import { LAYERS, type LayerId } from '../../../contracts/layers';
import type { ValueChange } from '../../../terraform/plan';
import { contractProblems } from '../../../terraform/planning/contracts';

const removed: ValueChange = { actions: ['delete'], before: 'net', after: null };
const vpc = { layer: '00-vpc', outputs: { network_name: 'net' }, reads: new Map() } as const;
const reader = (reads: object) => ({ layer: '01-k8s', outputs: { ns: 'argocd', reads }, reads: new Map() }) as const;

test('removing an output that a deployed layer reads is refused, with the two steps', () => {
  const problems = contractProblems([
    { ...vpc, changes: { network_name: removed } },
    reader({ '00-vpc': ['network_name'] }),
  ]);
  expect(problems).toEqual([
    '00-vpc removes output network_name, which the deployed 01-k8s reads.\n' +
      '1. Keep network_name in contracts/vpc.ts, and apply 01-k8s from a configuration that no longer reads it.\n' +
      '2. Then remove network_name from contracts/vpc.ts and apply 00-vpc.',
  ]);
});

test.each([
  ['null', null],
  ['an empty string', ''],
  ['a list', ['net']],
])('an output that becomes %s is narrowed', (_, after) => {
  const narrowed: ValueChange = { actions: ['update'], before: 'net', after };
  const [problem] = contractProblems([
    { ...vpc, changes: { network_name: narrowed } },
    reader({ '00-vpc': ['network_name'] }),
  ]);
  expect(problem).toMatch(/^00-vpc narrows output network_name/);
});

test.each([
  ['nobody reads it', reader({ '00-vpc': ['zone'] }), removed],
  [
    'its reader is not deployed',
    { ...reader({}), outputs: {}, reads: new Map([['00-vpc', ['network_name']] as const]) } as const,
    removed,
  ],
  [
    'it gets another value',
    reader({ '00-vpc': ['network_name'] }),
    { actions: ['update'], before: 'net', after: 'other' } as const,
  ],
  [
    'its value is known only after the apply',
    reader({ '00-vpc': ['network_name'] }),
    { actions: ['update'], after_unknown: true } as const,
  ],
])('an output may change when %s', (_, other, change) => {
  expect(contractProblems([{ ...vpc, changes: { network_name: change } }, other])).toEqual([]);
});

test('a state without a record counts as reading what its configuration reads', () => {
  const old = {
    layer: '01-k8s',
    outputs: { ns: 'argocd' },
    reads: new Map([['00-vpc', ['network_name']] as const]),
  } as const;
  expect(contractProblems([{ ...vpc, changes: { network_name: removed } }, old])).toHaveLength(1);
});

/** One version of the whole code: what each layer exports and reads. */
interface Version {
  readonly exports: Readonly<Record<string, readonly string[]>>;
  readonly reads: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

const IDS = LAYERS.map(({ id }) => id);
const NAMES = ['a', 'b', 'c'];

/** A version that synthesises: a layer reads only what the earlier ones of that version export. */
const version: fc.Arbitrary<Version> = fc
  .record({
    exports: fc.tuple(...IDS.map(() => fc.subarray(NAMES))),
    reads: fc.tuple(...IDS.map(() => fc.array(fc.subarray(NAMES), { minLength: IDS.length, maxLength: IDS.length }))),
  })
  .map(({ exports, reads }) => ({
    exports: Object.fromEntries(IDS.map((id, i) => [id, exports[i] ?? []])),
    reads: Object.fromEntries(
      IDS.map((id, i) => [
        id,
        Object.fromEntries(
          IDS.slice(0, i).map((earlier, j) => [
            earlier,
            (reads[i]?.[j] ?? []).filter((name) => exports[j]?.includes(name)),
          ]),
        ),
      ]),
    ),
  }));

test('no order of applying two versions lets a deployed layer read a missing output', () => {
  const step = fc.record({ layer: fc.constantFrom(...IDS), which: fc.integer({ min: 0, max: 1 }) });
  let refused = 0;
  let applied = 0;
  fc.assert(
    fc.property(
      fc.tuple(version, version),
      fc.boolean(),
      fc.array(step, { maxLength: 20 }),
      (versions, prefix, steps) => {
        const states = new Map<LayerId, Record<string, unknown>>();
        const deployed = prefix ? IDS.map((layer) => ({ layer, which: 0 })) : [];
        for (const { layer, which } of [...deployed, ...steps]) {
          const { exports, reads } = versions[which] as Version;
          const missing = Object.entries(reads[layer] ?? {}).some(([earlier, names]) =>
            names.some((name) => !(name in (states.get(earlier as LayerId) ?? {}))),
          );
          // Such a layer waits, and is not applied.
          if (missing) continue;
          const before = states.get(layer) ?? {};
          const gone = Object.keys(before).filter((name) => name !== 'reads' && !exports[layer]?.includes(name));
          const contracted = IDS.map((id) => ({
            layer: id,
            outputs: states.get(id) ?? {},
            reads: new Map(),
            ...(id === layer && { changes: Object.fromEntries(gone.map((name) => [name, removed])) }),
          }));
          if (contractProblems(contracted).length > 0) {
            refused += 1;
            continue;
          }
          applied += 1;
          const outputs = Object.fromEntries((exports[layer] ?? []).map((name) => [name, `${name} of ${layer}`]));
          states.set(layer, { ...outputs, reads: reads[layer] });
          for (const [reader, state] of states)
            for (const [earlier, names] of Object.entries(state['reads'] as Record<string, string[]>))
              for (const name of names)
                expect([reader, Object.keys(states.get(earlier as LayerId) ?? {})]).toEqual([
                  reader,
                  expect.arrayContaining([name]),
                ]);
        }
      },
    ),
    { numRuns: 1000 },
  );
  // The property says something only where some steps are applied and others refused.
  expect(Math.min(refused, applied)).toBeGreaterThan(50);
});
