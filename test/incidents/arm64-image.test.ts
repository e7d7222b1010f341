import { changed, problemsOf } from '../helpers/platform';
import { Ground } from './ground';

test('an image for arm64 only is refused for amd64 nodes, before anything is synthesised', () => {
  expect(problemsOf(changed({ 'services.web.architectures': ['arm64'] }))).toEqual([
    expect.stringMatching(/^services\.web\.architectures: got \["arm64"\]; nodes of .* are amd64; build the image/),
  ]);
});

test('an image that was pushed anyway does not start, and its pod says why', async () => {
  const ground = await Ground.open({ architectures: ['arm64'] });
  expect(ground.problems()).toEqual([
    expect.stringContaining('exec format error'),
    expect.stringContaining('exec format error'),
  ]);
  expect(ground.status.health.status).toBe('Degraded');
  ground.close();
});
