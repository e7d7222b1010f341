import { compareVersions } from '../../../delivery/tag/upstream';

test.each([
  ['18-3.6', '18-3.6', 'same'],
  ['18-3.6', '18-3.7', 'newer'],
  ['18-3.6', '19-3.6', 'newer'],
  ['18-3.6', '18-3.10', 'newer'],
  ['18-3.10', '18-3.6', 'older'],
  ['18.1-trixie', '17.9-trixie', 'older'],
  ['18-3.6', '18-3.6-system-trixie', 'newer'],
  ['18-3.6', '0000000', 'placeholder'],
  ['0000000', '18-3.6', 'first'],
  [undefined, '18-3.6', 'first'],
])('after %s, %s is %s', (deployed, wanted, kind) => {
  expect(compareVersions(deployed, wanted)).toEqual({ kind });
});
