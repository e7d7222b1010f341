import { scenariosOf } from '../../../rehearsal/chaos/scenarios';
import type { Boundary } from '../../../rehearsal/chaos/world';

const boundary = (verb: Boundary['verb'], calls: Boundary['calls']): Boundary => ({
  verb,
  layer: '00-vpc',
  stack: 'vpc-prod',
  folder: '',
  calls,
  expected: [],
});

const BOUNDARIES = [
  boundary('apply', { google_compute_network: 1, google_compute_firewall: 2 }),
  boundary('delete', { google_compute_network: 1 }),
];

test('one call of each resource type, with each fault in turn', () => {
  const scenarios = scenariosOf(BOUNDARIES);
  expect(scenarios.map(({ rule: { operation, type } }) => [operation, type])).toEqual([
    ['create', 'google_compute_firewall'],
    ['create', 'google_compute_network'],
    ['delete', 'google_compute_network'],
  ]);
  expect(new Set(scenarios.map(({ rule }) => rule.effect))).toEqual(new Set(['fail', 'kill', 'fail-after']));
});

test('a seed gives the same scenarios each time, and another seed others', () => {
  const names = (seed: number) => scenariosOf(BOUNDARIES, { seed }).map(({ name }) => name);
  expect(names(3)).toEqual(names(3));
  expect(names(3)).not.toEqual(names(4));
});

test('all is every call with every fault', () => {
  const scenarios = scenariosOf(BOUNDARIES, { all: true });
  expect(scenarios).toHaveLength((1 + 2 + 1) * 3);
  expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
});
