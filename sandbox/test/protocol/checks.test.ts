import fc from 'fast-check';
import { problemsOf } from '../../protocol/checks';
import type { CheckFact } from '../../protocol/schema/argument-facts';
import type { Value } from '../../protocol/values';

test.each<[CheckFact, Value, string | undefined]>([
  [{ check: 'oneOf', of: ['A', 'B'] }, 'A', undefined],
  [{ check: 'oneOf', of: ['A', 'B'] }, 'C', 'expected arg to be one of ["A" "B"], got C'],
  [{ check: 'between', of: [0, 65535] }, 65535, undefined],
  [{ check: 'between', of: [0, 65535] }, 65536, 'expected arg to be in the range (0 - 65535), got 65536'],
  [{ check: 'atLeast', of: [1] }, 1, undefined],
  [{ check: 'atLeast', of: [1] }, 0, 'expected arg to be at least (1), got 0'],
  [{ check: 'matches', of: ['^[a-z.]+\\.$'] }, 'a.', undefined],
  [{ check: 'matches', of: ['^[a-z.]+\\.$'] }, 'a', '"arg" ("a") doesn\'t match regexp "^[a-z.]+\\\\.$"'],
  [{ check: 'cidr' }, '10.0.0.0/8', undefined],
  [
    { check: 'cidr' },
    '10.0.0.0',
    'expected "arg" to be a valid CIDR Value, got 10.0.0.0: invalid CIDR address: 10.0.0.0',
  ],
  [{ check: 'ip' }, '::1', undefined],
  [{ check: 'ip' }, '10.0.0', 'expected arg to contain a valid IP, got: 10.0.0'],
  [{ check: 'oneOf', of: ['None'], or: { check: 'ip' } }, '10.0.0.1', undefined],
  [{ check: 'base64' }, 'aGk=', undefined],
  [{ check: 'base64String' }, 'hi!', 'expected "arg" to be a base64 string, got hi!'],
  [{ check: 'asn' }, 16550, undefined],
  [{ check: 'asn' }, 64512, undefined],
  [{ check: 'poolId' }, 'pool', undefined],
  [{ check: 'poolId' }, 'abc', '"arg" cannot be smaller than 4 characters'],
  [{ check: 'poolId' }, 'gcp-pool', '"arg" ("gcp-pool") can not start with "gcp-"'],
  [{ check: 'portName' }, '80', undefined],
  [{ check: 'portName' }, '65536', 'arg must be between 1 and 65535, inclusive'],
  [{ check: 'portName' }, 'http', undefined],
  [{ check: 'portName' }, 'http--2', 'arg must not contain consecutive hyphens'],
  [{ check: 'portName' }, 'a-very-long-port-name', 'arg must be no more than 15 characters'],
  [{ check: 'portOrZero' }, 0, undefined],
  [{ check: 'port' }, 0, 'expected "arg" to be a valid port number, got: 0'],
  [{ check: 'octal' }, '0644', undefined],
  [{ check: 'octal' }, '01000', 'arg (01000) expects octal notation (a value between 0 and 0777)'],
  [{ check: 'leadingZero' }, '644', "arg: value 644 should start with '0' (octal numeral)"],
  [{ check: 'integer' }, '', undefined],
  [{ check: 'integer' }, '1x', 'arg: cannot parse \'1x\' as int: strconv.ParseInt: parsing "1x": invalid syntax'],
  [{ check: 'positive' }, 1, undefined],
  [{ check: 'positive' }, 0, 'arg must be greater than 0'],
  [{ check: 'notBelow', of: [600] }, 599, 'arg must be greater than or equal to 600'],
  [{ check: 'described', of: ['^x', 'ARG got VALUE'] }, 'y', 'arg got y'],
  [{ check: 'oneOf', of: ['a'], as: 'status' }, 'b', 'expected status to be one of ["a"], got b'],
])('%j says of %j: %s', (check, value, problem) => {
  expect(problemsOf(check, value, 'arg')).toEqual(problem === undefined ? [] : [problem]);
});

test('where either of two validators is enough, both speak', () => {
  expect(problemsOf({ check: 'oneOf', of: ['None'], or: { check: 'ip' } }, 'x', 'spec.0.cluster_ip')).toEqual([
    'expected spec.0.cluster_ip to be one of ["None"], got x',
    'expected spec.0.cluster_ip to contain a valid IP, got: x',
  ]);
});

test('every quantity of Kubernetes passes', () => {
  const suffix = fc.constantFrom('', 'm', 'k', 'Ki', 'Mi', 'Gi', 'Ti', 'G', 'e3');
  fc.assert(
    fc.property(fc.integer(), suffix, (number, unit) => {
      expect(problemsOf({ check: 'quantity' }, `${number}${unit}`, 'arg')).toEqual([]);
    }),
  );
  expect(problemsOf({ check: 'quantity' }, '1 Gi', 'arg')).toHaveLength(1);
});
