import { Command, Option } from 'commander';
import { systemClock } from '../clients/clock';
import { cloudNow } from '../clients/google';
import { addSummary, setOutput } from '../clients/workflow-outputs';
import { approvalPath, assertPerson, commitApproval } from '../delivery/gate/approvals';
import { deliverables } from '../delivery/gate/control-rules';
import { type Decision, isAsleepOnly } from '../delivery/gate/decide';
import { assertService, Gate } from '../delivery/gate/gate';
import { explained } from '../delivery/gate/words';
import { GitRefStore } from '../delivery/git/git-ref-store';
import { authorOf } from '../delivery/git/person';
import { type Credentials, credentialsOf } from '../delivery/git/remote';
import { EXIT_CODES, RefusedError, UsageError } from '../errors';
import { loadPlatform } from '../platforms/load';
import { environmentOf, type Platform } from '../platforms/schema/define-platform';
import { endHelp } from './support/help';
import { platformOptions, wrongUsage } from './support/options';
import { start } from './support/start';

interface Options {
  readonly platform: string;
  readonly env: string;
  readonly service?: string;
  readonly tag?: string;
  readonly trigger: 'push' | 'manual';
  readonly at?: string;
  readonly json?: true;
  readonly dryRun?: true;
}

interface ApproveOptions extends Options {
  readonly service: string;
  readonly tag: string;
  readonly hours: string;
  readonly emergency?: string;
}

const command = new Command('npm run gate --').description(
  'Says whether a service may be deployed now, and why. It reads platforms/<name>/deploy-control.yaml and the approvals on ' +
    'the default branch of the repository, and the power schedule of the cluster.',
);

endHelp(gateOptions('status'), {
  examples: ['npm run gate -- status --env prod', 'npm run gate -- status --env prod --at 2026-01-05T10:00:00Z'],
  exits: '0 done, 1 failed, 2 wrong usage or configuration',
})
  .description('shows the decision for every service of an environment, as for a person who deploys')
  .option('--service <name>', 'show only this service')
  .action(async (options: Options) => {
    const platform = loadPlatform(options.platform);
    const services = options.service ? [options.service] : deliverables(platform);
    const decisions = await decisionsOf(platform, options, services);
    if (options.json) return print(decisions);
    console.log(decisions.map(({ text }) => text).join('\n'));
  });

endHelp(gateOptions('check'), {
  examples: ['npm run gate -- check --env prod --service nextjs --tag 8caff6f'],
  exits: '0 allowed, 1 failed, 2 wrong usage or configuration, 3 denied or not approved, 5 only asleep',
})
  .description('decides whether one service may be deployed, and says why')
  .requiredOption('--service <name>', 'service of the platform (required)')
  .option('--tag <tag>', 'version to deploy: an image tag, or a commit where CI applies the manifests')
  .addOption(
    new Option('--trigger <kind>', 'how the deployment was started: by a push, or by a person')
      .choices(['push', 'manual'])
      .default('manual'),
  )
  .option('--report', 'end with exit code 0 whatever the decision is; a workflow reads it as output verdict')
  .action(async (options: Options & { report?: true }) => {
    const [decision] = await decisionsOf(loadPlatform(options.platform), options, [options.service ?? '']);
    if (!decision) return;
    setOutput('verdict', decision.verdict);
    addSummary(`Gate: ${decision.verdict}`, decision.text);
    if (options.json) print(decision);
    else console.log(decision.text);
    if (!options.report) process.exitCode = exitCodeOf(decision);
  });

endHelp(gateOptions('approve'), {
  examples: [
    'npm run gate -- approve --env prod --service nextjs --tag 8caff6f',
    'npm run gate -- approve --env prod --service nextjs --tag 8caff6f \\\n--hours 2 --emergency "checkout fails"',
  ],
  exits: '0 done, 1 failed, 2 wrong usage or configuration, 3 refused: only a person can approve',
})
  .description(
    'approves one version of a service with a commit in your name on the default branch of the repository. It pushes with ' +
      'your own git credentials, never with REPO_ACCESS_TOKEN or CONFIG_DEPLOY_KEY.',
  )
  .requiredOption('--service <name>', 'service of the platform (required)')
  .requiredOption(
    '--tag <tag>',
    'version to approve: an image tag, or a commit where CI applies the manifests (required)',
  )
  .option('--hours <number>', 'hours for which it is valid, 1 to 168', '24')
  .option('--emergency <reason>', 'also override the deployment windows; the commit records the reason')
  .option('--dry-run', 'show what would be committed, without committing it')
  .action(async (options: ApproveOptions) => {
    const platform = loadPlatform(options.platform);
    assertGated(platform, options);
    const author = await authorOf(process.cwd());
    assertPerson(author);
    if (process.env['GITHUB_ACTIONS']) {
      throw new RefusedError('only a person can approve, not a workflow; run this on your own machine');
    }
    const { env: environment, service, tag: version, emergency } = options;
    const expires = new Date((await momentOf(platform, options)).getTime() + hoursOf(options.hours) * 3_600_000);
    const draft = {
      platform: platform.name,
      environment,
      service,
      version,
      expires: expires.toISOString().replace(/\.\d+Z$/, 'Z'),
      ...(emergency !== undefined && { emergency }),
    };
    const { url, branch } = platform.repository;
    const result = { ...draft, approver: author.name, file: approvalPath(draft) };
    const words = `approve ${service} ${version} for ${environment} until ${draft.expires}, as ${author.name}, on branch ${branch} of ${url}`;
    if (options.dryRun) return options.json ? print({ dryRun: true, ...result }) : console.log(`would ${words}`);
    // A person pushes an approval: a deployment token must not.
    await withStore(platform, {}, async (store) => {
      const commit = await commitApproval(store, branch, draft, author, systemClock);
      if (options.json) print({ ...result, commit });
      else console.log(`${words.replace('approve', 'approved')}: commit ${commit.slice(0, 7)}`);
    });
  });

function gateOptions(name: string): Command {
  return platformOptions(command.command(name)).option(
    '--at <time>',
    'decide as of this time, such as 2026-01-05T10:00:00Z',
  );
}

async function decisionsOf(platform: Platform, options: Options, services: readonly string[]) {
  const { env: environment, tag: version, trigger = 'manual' } = options;
  for (const service of services) assertService(platform, service);
  const now = await momentOf(platform, options);
  return withStore(platform, credentialsOf(process.env), async (store) => {
    const gate = await Gate.read(platform, environment, store);
    const decisions = [];
    for (const service of services) {
      const { verdict, reasons } = await gate.ask({ service, version, trigger }, now);
      const text = explained(`${[service, version].filter(Boolean).join(' ')} to ${environment}`, { verdict, reasons });
      decisions.push({ service, verdict, reasons, text });
    }
    return decisions;
  });
}

async function withStore<T>(platform: Platform, credentials: Credentials, use: (store: GitRefStore) => Promise<T>) {
  const store = await GitRefStore.open(platform.repository.url, credentials);
  try {
    return await use(store);
  } finally {
    store.close();
  }
}

/** The time of the cloud's clock, which power schedules follow, or of this machine if there is no VM. */
async function momentOf(platform: Platform, { env, at }: Options): Promise<Date> {
  if (at === undefined) return environmentOf(platform, env).cluster.kind === 'k0s-vm' ? cloudNow() : new Date();
  const moment = new Date(at);
  if (/^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/.test(at) && !Number.isNaN(moment.getTime())) return moment;
  throw new UsageError(`--at: got "${at}"; give a time with its offset, such as 2026-01-05T10:00:00Z`);
}

function assertGated(platform: Platform, { env, service }: ApproveOptions): void {
  assertService(platform, service);
  if (environmentOf(platform, env).delivery.gate) return;
  throw new UsageError(
    `environment "${env}" of platform "${platform.name}" has no gate, so it needs no approval; set delivery.gate to true in its description`,
  );
}

function hoursOf(text: string): number {
  const hours = Number(text);
  if (Number.isInteger(hours) && hours >= 1 && hours <= 168) return hours;
  throw new UsageError(`--hours: got "${text}"; give a whole number from 1 to 168`);
}

function exitCodeOf(decision: Decision): number {
  if (decision.verdict === 'allow') return EXIT_CODES.done;
  return isAsleepOnly(decision) ? EXIT_CODES.asleep : EXIT_CODES.refused;
}

function print(result: unknown): void {
  console.log(JSON.stringify(result, null, 2));
}

command.exitOverride(wrongUsage);
export default start(command, module);
