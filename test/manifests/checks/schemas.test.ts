import { tmpdir } from 'node:os';
import { schemas } from '../../../manifests/checks/schemas';
import { ENVIRONMENTS } from '../../helpers/environments';

test('objects are validated from any working directory, such as one without packages', () => {
  const [environment] = ENVIRONMENTS;
  if (!environment) throw new Error('there is no environment');
  const before = process.cwd();
  process.chdir(tmpdir());
  try {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web' }, data: { port: 80 } };
    expect(schemas([object], environment)).toEqual([expect.objectContaining({ object, path: 'data.port' })]);
  } finally {
    process.chdir(before);
  }
});
