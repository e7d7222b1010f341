import { isUsable, overlap, parseCidr } from '../../../platforms/schema/cidr';

test.each([
  ['10.10.0.0/24', '10.10.0.255/32', true],
  ['10.10.0.0/24', '10.10.0.0/32', true],
  ['10.10.0.0/24', '10.10.1.0/24', false],
  ['10.10.0.0/24', '10.9.255.0/24', false],
])('%s and %s share an address: %s', (a, b, expected) => {
  expect([overlap(a, b), overlap(b, a)]).toEqual([expected, expected]);
});

test.each([
  ['10.10.0.0', false],
  ['10.10.0.1', false],
  ['10.10.0.2', true],
  ['10.10.0.253', true],
  ['10.10.0.254', false],
  ['10.10.0.255', false],
])('a VM can have address %s of 10.10.0.0/24: %s', (address, expected) => {
  expect(isUsable(address, parseCidr('10.10.0.0/24') ?? { first: 0, last: 0 })).toBe(expected);
});
