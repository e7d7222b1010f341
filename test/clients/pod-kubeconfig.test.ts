import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { podKubeconfig } from '../../clients/pod-kubeconfig';

const folder = mkdtempSync(join(tmpdir(), 'pod-'));
afterAll(() => rmSync(folder, { recursive: true }));
const pod = { KUBERNETES_SERVICE_HOST: '10.43.0.1', KUBERNETES_SERVICE_PORT: '443' };

test('refuses to write one outside of a pod, or in a pod without a service account', () => {
  const message = 'this is no pod of a cluster with a service account';
  expect(() => podKubeconfig('acme', {}, folder)).toThrow(message);
  expect(() => podKubeconfig('acme', pod, folder)).toThrow(message);
});

test('names the file of the token, which Kubernetes replaces, and does not contain it', () => {
  writeFileSync(join(folder, 'token'), 'the token itself');
  const text = podKubeconfig('acme', pod, folder);
  expect(text).not.toContain('the token itself');
  expect(parse(text)).toMatchObject({
    kind: 'Config',
    'current-context': 'acme',
    clusters: [{ name: 'acme', cluster: { server: 'https://10.43.0.1:443' } }],
    users: [{ user: { tokenFile: join(folder, 'token') } }],
  });
  expect(podKubeconfig('acme', { ...pod, KUBERNETES_SERVICE_HOST: 'fd00::1' }, folder)).toContain(
    'https://[fd00::1]:443',
  );
});
