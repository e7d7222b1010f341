import { parse, render } from '../../manifests/checks/render';
import { loadPlatform } from '../../platforms/load';
import { environmentOf } from '../../platforms/schema/define-platform';
import { applicationSecrets, secretsOf } from '../../platforms/schema/secrets';
import { ENVIRONMENTS } from '../helpers/environments';

const environments = [...new Set(ENVIRONMENTS.map(({ platform, env }) => `${platform} ${env}`))];

test.each(environments)('%s has exactly the secrets that its trees read', (which) => {
  const [name = '', env = ''] = which.split(' ');
  const platform = loadPlatform(name);
  const { delivery } = environmentOf(platform, env);
  const overlays = ENVIRONMENTS.filter((one) => one.platform === name && one.env === env).flatMap(
    (one) => one.overlays,
  );
  const objects = overlays.flatMap((overlay) => parse(render(`k8s/${name}/${overlay}`)));
  const read = objects.filter(({ kind }) => kind === 'ExternalSecret').flatMap(({ spec }) => spec.data);
  // Another name is not in Secret Manager: a laptop's store holds its values itself.
  const keys = read
    .map(({ remoteRef }) => remoteRef.key.split(`${name}-${env}-`))
    .flatMap(([start, noun]) => (start === '' ? [noun] : []));
  // Layer 02-argocd-app reads it.
  const byLayer = delivery.kind === 'image-updater' ? ['git-deploy-key'] : [];
  const templates = objects.filter(({ kind }) => kind === 'Secret');
  const placeholders = templates.flatMap(({ metadata, stringData = {} }) =>
    Object.entries(stringData)
      .filter(([, value]) => value === 'StrongBase64Password')
      .map(([key]) => `${metadata.name}-${key}`),
  );
  const [found, wanted] =
    delivery.kind === 'push-apply'
      ? [placeholders, applicationSecrets(platform, environmentOf(platform, env))]
      : [[...keys, ...byLayer], secretsOf(platform, env)];
  expect([...new Set(found)].sort()).toEqual([...wanted].sort());
});
