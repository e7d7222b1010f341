import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPlatform } from '../../platforms/load';
import { secretsOf } from '../../platforms/schema/secrets';
import { synthesise } from '../../stacks/app';
import { type Json, temporaryFolder } from '../helpers/synth';

const open = loadPlatform('threads', { restoreFile: 'absent.json' });
const platform = { ...open, repository: { ...open.repository, private: true } };
const SSH = 'git@github.com:unknowntpo/threads-nextjs.git';

const outdir = synthesise(platform, temporaryFolder());

function manifests(env: string): Json[] {
  const text = readFileSync(join(outdir, 'stacks', `argocd-app-${env}`, 'cdk.tf.json'), 'utf8');
  return Object.values<Json>(JSON.parse(text).resource.kubernetes_manifest).map(({ manifest }) => manifest);
}
const kinds = (env: string) => manifests(env).map(({ kind }) => kind);

test.each(['prod', 'staging', 'local'])('Argo CD of %s reads it by SSH, with the very URL of its credential', (env) => {
  const [project, application] = ['AppProject', 'Application'].map((kind) =>
    manifests(env).find((one) => one.kind === kind),
  );
  expect([project.spec.sourceRepos, application.spec.source.repoURL]).toEqual([[SSH], SSH]);
  const credential = manifests(env).find(({ kind }) => kind === 'ExternalSecret');
  if (credential) expect(credential.spec.target.template.data.url).toBe(SSH);
});

test('its key comes from Secret Manager on a k0s-vm, and does not exist on other clusters', () => {
  expect(kinds('prod')).toEqual(expect.arrayContaining(['SecretStore', 'ExternalSecret']));
  expect(kinds('local')).not.toContain('ExternalSecret');
  expect(secretsOf(platform, 'prod')).toContain('git-deploy-key');
  expect(secretsOf(open, 'prod')).not.toContain('git-deploy-key');
  expect(secretsOf(platform, 'local')).not.toContain('git-deploy-key');
});

test('no layer holds the key', () => {
  for (const env of ['prod', 'staging']) expect(JSON.stringify(manifests(env))).not.toMatch(/PRIVATE KEY|"stringData"/);
});
