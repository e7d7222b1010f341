import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Application, NotDeployedError } from '../../clients/application';

const bin = mkdtempSync(join(tmpdir(), 'application-'));
afterAll(() => rmSync(bin, { recursive: true }));

test.each([
  ['error: the server doesn\'t have a resource type "application"', '01-k8s', 'Argo CD is not deployed'],
  [
    'Error from server (NotFound): applications.argoproj.io "shop" not found',
    '02-argocd-app',
    'application shop is not deployed',
  ],
])('error "%s" of kubectl is reported as a missing layer %s', async (said, layer, what) => {
  writeFileSync(join(bin, 'kubectl'), `#!/bin/sh\necho '${said.replaceAll("'", "'\\''")}' >&2\nexit 1\n`, {
    mode: 0o755,
  });
  const cluster = { kubeconfig: 'none', env: { PATH: `${bin}:${process.env['PATH']}` } };
  const application = new Application({ cluster, name: 'shop', namespace: 'shop' });
  const refusal = await application.sync().catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(NotDeployedError);
  expect(refusal).toMatchObject({ layer, message: `${what}; deploy layer ${layer}` });
});

const SYNC_ERROR = {
  sync: { status: 'Unknown' },
  conditions: [
    { type: 'ComparisonError', message: 'kustomize build failed: json: cannot unmarshal number' },
    { type: 'SharedResourceWarning', message: 'shared' },
  ],
  operationState: { message: 'successfully synced (all tasks run)' },
};

test.each([
  [
    'an error of kustomize',
    SYNC_ERROR,
    'is Unknown, not Synced: ComparisonError: kustomize build failed: json: cannot unmarshal number',
  ],
  [
    'a sync under way',
    { sync: { status: 'OutOfSync' }, operationState: { message: 'waiting' } },
    'is OutOfSync, not Synced: waiting',
  ],
  ['nothing yet', {}, 'is Unknown, not Synced: Argo CD has not compared it yet'],
])('the reason why it is not synced is %s', async (_, status, reason) => {
  writeFileSync(join(bin, 'kubectl'), `#!/bin/sh\necho '${JSON.stringify({ status })}'\n`, { mode: 0o755 });
  const cluster = { kubeconfig: 'none', env: { PATH: `${bin}:${process.env['PATH']}` } };
  const application = new Application({ cluster, name: 'shop', namespace: 'shop' });
  await expect(application.assertSynced()).rejects.toThrow(`application shop ${reason}`);
  const { problem } = await application.sync();
  expect(problem).toBe(reason.includes('kustomize') ? reason.split('Synced: ')[1] : undefined);
});
