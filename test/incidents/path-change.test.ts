import threads from '../../platforms/threads/platform';
import { Ground } from './ground';

let ground: Ground;
beforeEach(async () => {
  ground = await Ground.open();
});
afterEach(() => ground.close());

const { url, branch } = threads.repository;
const source = (path: string) => ({ source: { repoURL: url, targetRevision: branch, path } });
const pods = () => ground.cluster.list('', 'Pod', 'threads').map(({ metadata }) => metadata.uid);

test.each([
  ['renders nothing', 'k8s/threads/overlays/prod/moved', 'auto-sync will wipe out all resources'],
  ['is not there', 'deploy/prod', 'deploy/prod: app path does not exist'],
])('a path that %s wipes nothing out, and the Application says so', async (_, path, message) => {
  const before = pods();
  expect(before).toHaveLength(4);
  await ground.push({ 'moved/kustomization.yaml': { resources: [] } });
  await ground.apply(ground.application(source(path)));
  expect(pods()).toEqual(before);
  expect(ground.status.conditions).toEqual([expect.objectContaining({ message: expect.stringContaining(message) })]);
});
