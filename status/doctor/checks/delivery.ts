import { DateTime } from 'luxon';
import { parse } from 'yaml';
import { configPath } from '../../../delivery/cluster/config';
import { heldBy } from '../../../delivery/lock/words';
import { environmentOf } from '../../../platforms/schema/define-platform';
import { githubSettings } from '../../../platforms/schema/github-settings';
import { checkClusterConfig } from '../../../platforms/schema/hetzner-k3s-config';
import { type Check, type Family, ok, unchecked, wrong } from '../check';

/** A lock that nobody has moved for this long is stuck: its holder renews it all the time. */
const STUCK_MINUTES = 15;

/** Labels of the runners of GitHub. See https://docs.github.com/en/actions/reference/runners/github-hosted-runners */
const HOSTED = /^(ubuntu|macos|windows)-/;

/** Namespace of the controller of runners. */
const RUNNERS = 'arc-systems';

interface List<T> {
  readonly items: readonly T[];
}

interface Deployment {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly availableReplicas?: number };
}

const lock: Check = {
  name: 'deployment lock',
  look: async (at) => {
    if (!environmentOf(at.platform, at.env).delivery.lock) return unchecked('this environment has no lock');
    const record = await at.lock();
    if (record?.state !== 'held') return ok('free');
    const minutes = Math.floor(DateTime.fromJSDate(at.now).diff(DateTime.fromISO(record.at), 'minutes').minutes);
    return minutes < STUCK_MINUTES
      ? ok(`held by ${heldBy(record)}`)
      : wrong(
          `held by ${heldBy(record)}, who has not moved it for ${minutes} minutes`,
          `npm run lock -- break --platform ${at.platform.name} --env ${at.env} (docs/runbooks/stuck-lock.md)`,
        );
  },
};

const runners: Check = {
  name: 'runners',
  look: async (at) => {
    if (HOSTED.test(at.platform.runner)) return unchecked('the workflows run on runners of GitHub');
    const { items } = await at.cluster<List<Deployment>>('get', 'deployments.apps', `--namespace=${RUNNERS}`);
    const down = items.filter(({ status }) => !status?.availableReplicas);
    if (items.length > 0 && down.length === 0) return ok(`the controller runs in ${RUNNERS}`);
    const [first] = down;
    return first
      ? wrong(
          `${first.metadata.name} in ${RUNNERS} has no available pod: queued jobs are not picked up`,
          `kubectl logs deployment/${first.metadata.name} --namespace ${RUNNERS}; kubectl get pods --namespace arc-runners`,
        )
      : wrong(
          `namespace ${RUNNERS} has no controller of runners: queued jobs are not picked up`,
          `npm run verify -- --platform ${at.platform.name} --env ${at.env}`,
        );
  },
};

/** What to do about an error of Slack. See https://docs.slack.dev/reference/methods/auth.test#errors */
const SLACK_FIXES: Readonly<Record<string, string>> = {
  invalid_auth: 'set SLACK_BOT_TOKEN to the token of the bot: https://api.slack.com/apps',
  account_inactive: 'set SLACK_BOT_TOKEN to the token of a bot that exists: https://api.slack.com/apps',
  token_revoked: 'set SLACK_BOT_TOKEN to a new token of the bot: https://api.slack.com/apps',
};

const slack: Check = {
  name: 'Slack',
  look: async (at) => {
    const channel = at.platform.slack?.channel;
    if (!channel) return unchecked('the platform has no channel');
    if (!at.variables['SLACK_BOT_TOKEN']) return unchecked('SLACK_BOT_TOKEN is not set');
    const { scopes } = await at.slack('auth.test').catch((error: Error) => {
      const [code] = Object.keys(SLACK_FIXES).filter((one) => error.message.includes(one));
      if (!code) throw error;
      return { scopes: code };
    });
    if (typeof scopes === 'string') return wrong(`Slack refuses the token: ${scopes}`, SLACK_FIXES[scopes] ?? '');
    if (!scopes.includes('chat:write'))
      return wrong(
        'the bot lacks the scope chat:write',
        'add it under OAuth & Permissions: https://api.slack.com/apps',
      );
    const { channels } = await at.slack('users.conversations', { types: 'public_channel,private_channel', limit: 999 });
    return channels.some(({ name, isMember }) => isMember && `#${name}` === channel)
      ? ok(`posts to ${channel}`)
      : wrong(`the bot is not a member of ${channel}`, `in ${channel}: /invite @BOT`);
  },
};

const outbound: Check = {
  name: 'outbound firewall',
  look: (at) => {
    if (environmentOf(at.platform, at.env).cluster.kind !== 'hetzner-k3s')
      return unchecked('the cluster is not created by hetzner-k3s');
    const path = configPath(at.platform.name, at.env);
    const text = at.read(path);
    if (text === undefined) return wrong(`${path} does not exist`, 'copy that of another environment');
    try {
      checkClusterConfig(at.platform, at.env, parse(text));
      return ok('nodes reach registries');
    } catch (error) {
      const shut = /allow all outbound .*/.exec((error as Error).message)?.[0];
      if (!shut) throw error;
      const [fix = '', why = ''] = shut.split(': ');
      return wrong(`${path}: ${why}`, fix);
    }
  },
};

const secretWriter: Check = {
  name: 'secret writer',
  look: async (at) => {
    const isNeeded = githubSettings(at.platform).some(({ name }) => name === 'INFRA_DEPLOY_TOKEN');
    if (!isNeeded) return unchecked('no workflow writes a secret');
    if (!at.variables['GITHUB_TOKEN']) return unchecked('GITHUB_TOKEN is not set');
    const { data } = await at.github<{ secrets?: { name: string }[] }>('GET /repos/{owner}/{repo}/actions/secrets', {
      per_page: 100,
    });
    return data.secrets?.some(({ name }) => name === 'INFRA_DEPLOY_TOKEN')
      ? ok('INFRA_DEPLOY_TOKEN is set')
      : wrong(
          'INFRA_DEPLOY_TOKEN is missing: the token of a workflow may neither write the secret KUBECONFIG nor start a workflow',
          'make a token with secrets: write and actions: write (classic tokens: scope repo), then gh secret set INFRA_DEPLOY_TOKEN',
        );
  },
};

/** What holds deliveries up. */
export const delivery: Family = { family: 'delivery', checks: [lock, runners, slack, outbound, secretWriter] };
