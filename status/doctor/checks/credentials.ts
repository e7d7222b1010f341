import { X509Certificate } from 'node:crypto';
import { DateTime } from 'luxon';
import { parse } from 'yaml';
import { environmentOf } from '../../../platforms/schema/define-platform';
import { kubeconfigOf } from '../../../platforms/schema/environment';
import { type Check, type Family, type Outcome, ok, unchecked, wrong } from '../check';

/** Credentials that expire within this time are reported. */
const SOON_DAYS = 14;

interface Kubeconfig {
  readonly users?: readonly { readonly user?: { readonly 'client-certificate-data'?: string } }[];
}

/** The credentials for terraform and our commands. */
const google: Check = {
  name: 'Google credentials',
  look: async ({ signIn }) => {
    try {
      await signIn();
      return ok('application default credentials');
    } catch (error) {
      const [what = ''] = (error as Error).message.split(';');
      return wrong(what, 'gcloud auth application-default login');
    }
  },
};

/** The account of gcloud, which opens tunnels. */
const gcloud: Check = {
  name: 'gcloud account',
  look: async (at) => {
    if (environmentOf(at.platform, at.env).cluster.kind !== 'k0s-vm') return unchecked('no command uses gcloud here');
    const { code, stdout } = await at.run('gcloud', [
      'auth',
      'list',
      '--filter=status:ACTIVE',
      '--format=value(account)',
    ]);
    const account = stdout.trim();
    return code === 0 && account ? ok(account) : wrong('gcloud has no active account', 'gcloud auth login');
  },
};

const githubToken: Check = {
  name: 'GitHub token',
  look: async (at) => {
    if (!at.variables['GITHUB_TOKEN']) return unchecked('GITHUB_TOKEN is not set');
    const { headers } = await at.github('GET /repos/{owner}/{repo}');
    const expires = headers['github-authentication-token-expiration'];
    if (expires === undefined) return ok('does not expire');
    return expiry(
      'the token in GITHUB_TOKEN',
      dateOf(String(expires)),
      at.now,
      'make a new one: https://github.com/settings/tokens',
    );
  },
};

const kubeconfig: Check = {
  name: 'kubeconfig',
  look: (at) => {
    const { path } = kubeconfigOf(at.platform, at.env);
    const isVm = environmentOf(at.platform, at.env).cluster.kind === 'k0s-vm';
    const fix = isVm
      ? `npm run kubeconfig -- ${at.env} --platform ${at.platform.name}`
      : `copy a kubeconfig of the cluster to ${path}`;
    const text = at.read(path);
    if (text === undefined) return wrong(`${path} does not exist`, fix);
    const { users = [] } = parse(text) as Kubeconfig;
    const [certificate] = users.flatMap(({ user }) => user?.['client-certificate-data'] ?? []);
    if (!certificate) return ok('it holds no client certificate that expires');
    const { validTo } = new X509Certificate(Buffer.from(certificate, 'base64'));
    return expiry(`the certificate in ${path}`, DateTime.fromJSDate(new Date(validTo)), at.now, fix);
  },
};

/** Whether everybody who is needed is signed in, and for how long. */
export const credentials: Family = { family: 'credentials', checks: [google, gcloud, githubToken, kubeconfig] };

function expiry(what: string, at: DateTime, now: Date, fix: string): Outcome {
  if (!at.isValid) return unchecked(`${what} names no date`);
  const days = Math.floor(at.diff(DateTime.fromJSDate(now), 'days').days);
  const day = at.toUTC().toISODate();
  if (days < 0) return wrong(`${what} expired on ${day}`, fix);
  return days < SOON_DAYS ? wrong(`${what} expires on ${day}, in ${days} days`, fix) : ok(`until ${day}`);
}

/** GitHub writes `2026-12-01 00:00:00 UTC`, or an offset in place of `UTC`. */
function dateOf(text: string): DateTime {
  return DateTime.fromSQL(text.replace(/ UTC$/, ' Z'), { setZone: true });
}
