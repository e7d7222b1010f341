import { localPath } from '../../sandbox/test/kubernetes/ground';
import { Ground } from './ground';

let ground: Ground;
beforeAll(async () => {
  ground = await Ground.open({ storageClass: false });
});
afterAll(() => ground.close());

const claim = () => ground.find('PersistentVolumeClaim', 'postgres').status;

test('a claim without its storage class stays Pending and says why', () => {
  expect(claim().phase).toBe('Pending');
  expect(claim().conditions[0].message).toBe('storageclass.storage.k8s.io "local-path" not found');
  expect(ground.problems()).toContainEqual(expect.stringContaining('unbound immediate PersistentVolumeClaims'));
});

test('the storage class of layer 01-k8s is all that it waits for', async () => {
  await ground.apply(...localPath('Retain'));
  expect(claim().phase).toBe('Bound');
});
