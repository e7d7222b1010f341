import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { writeEnvironmentSecret } from '../../delivery/cluster/environment-secret';
import { loadPlatform } from '../../platforms/load';
import { githubSettings } from '../../platforms/schema/github-settings';
import { temporaryFolder } from '../helpers/synth';

const folder = temporaryFolder();
const { PATH } = process.env;
afterAll(() => Object.assign(process.env, { PATH }));

test('kubeconfig secret that GITHUB_TOKEN may not write: another token is listed, and its refusal says what it lacks', async () => {
  const names = (platform: string) => githubSettings(loadPlatform(platform)).map(({ name }) => name);
  expect(names('real-estate')).toEqual(expect.arrayContaining(['KUBECONFIG', 'INFRA_DEPLOY_TOKEN']));
  expect(names('threads')).not.toContain('KUBECONFIG');
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'gh'), '#!/bin/sh\necho "HTTP 403: Resource not accessible by integration" >&2; exit 1\n', {
    mode: 0o755,
  });
  Object.assign(process.env, { PATH: [bin, PATH].join(delimiter) });
  const secret = { url: 'https://github.com/acme/infra.git', env: 'test', name: 'KUBECONFIG' };
  await expect(writeEnvironmentSecret(secret, 'kubeconfig', 'token')).rejects.toThrow(
    /Resource not accessible by integration; let INFRA_DEPLOY_TOKEN write secrets of environments/,
  );
});
