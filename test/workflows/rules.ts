import { repositoryOf } from '../../platforms/schema/environment';
import { githubSettings } from '../../platforms/schema/github-settings';
import { ACTIONS } from '../../workflows/actions';
import { environmentsBy, hasVm } from '../../workflows/delivered';
import { commandProblems } from './commands';
import type { LoadedJob, LoadedStep, WorkflowFile } from './loaded';
import { matchesPaths } from './runner/paths';

/** What every workflow must hold. Returns what is wrong, one line each. */
export type Rule = (file: WorkflowFile) => string[];

/**
 * Text that whoever opens a pull request or an issue chooses, but not the ids and the commits that GitHub adds.
 * Source: https://docs.github.com/en/actions/reference/security/secure-use
 */
const UNTRUSTED =
  /github\.(head_ref|event\.(?!pull_request\.(base\.sha|head\.repo\.id)\b|workflow_run\.(id|event|head_sha)\b)(issue|pull_request|comment|review|discussion|head_commit|commits|pages|workflow_run)\b)/;
/** Outputs of actions that ours read. */
const ACTION_OUTPUTS: Readonly<Record<string, readonly string[]>> = { 'google-github-actions/auth': ['access_token'] };
/** Outputs that our commands set, by script. */
const COMMAND_OUTPUTS: Readonly<Record<string, readonly string[]>> = {
  ship: ['tag', 'told'],
  gate: ['verdict'],
  'push-apply': ['environments'],
};
/** What a variable may hold where any word will not do. */
const SAMPLES: Readonly<Record<string, string>> = {
  TRIGGER: 'push',
  STAGE: 'deployment',
  STATE: 'failed',
  ENVIRONMENT: 'prod',
  ACTION: 'create',
  RUN: 'run=https://github.com/acme/app/actions/runs/1',
};

export const RULES: Readonly<Record<string, Rule>> = {
  'actions are pinned by digest, with their version': ({ text, workflow }) =>
    stepsOf(workflow.jobs).flatMap(({ uses }) => {
      if (uses === undefined) return [];
      const [name = '', digest] = uses.split('@');
      const known = Object.entries(ACTIONS).find(([action]) => action === name)?.[1];
      if (!known) return [`${uses} is not in workflows/actions.ts`];
      if (digest !== known.digest) return [`${uses} is not pinned to ${known.digest}`];
      const lines = text.split('\n').filter((line) => line.includes(uses));
      return lines.every((line) => line.endsWith(` # ${known.version}`))
        ? []
        : [`${uses} has no comment ${known.version}`];
    }),
  'every permission is named, and used': ({ workflow, callable }) => {
    const top = Object.keys(workflow.permissions ?? { all: 'write' });
    return [
      ...top.map((name) => `all jobs have the permission ${name}`),
      ...Object.entries(workflow.jobs).flatMap(([id, job]) => {
        const wanted = job.uses ? wantedBy(callable.get(job.uses)?.jobs ?? {}) : permissionsOf(job);
        const given = Object.entries(job.permissions ?? { all: 'write' });
        const shown = (entries: readonly (readonly [string, string])[]) =>
          entries
            .map((entry) => entry.join(': '))
            .sort()
            .join(', ') || 'none';
        return shown(given) === shown(wanted) ? [] : [`job ${id} has ${shown(given)}; it needs ${shown(wanted)}`];
      }),
    ];
  },
  'a checkout leaves no credential': ({ workflow }) =>
    stepsOf(workflow.jobs).flatMap(({ name, uses, with: inputs }) =>
      uses?.startsWith('actions/checkout@') && inputs?.['persist-credentials'] !== false
        ? [`"${name}" keeps the credential; set persist-credentials to false`]
        : [],
    ),
  'a deployment waits for the one before it, and is never cancelled': ({ workflow, platform }) => [
    ...Object.entries(workflow.jobs).flatMap(([id, { environment, concurrency }]) => {
      if (environment === undefined && !changes(workflow.jobs[id])) return [];
      const group = concurrency?.group ?? '';
      // Where each environment has a job, the group has its name.
      const isNamed = id in platform.environments && group.split('-').includes(id);
      if (!group.includes('${{ inputs.environment }}') && !isNamed)
        return [`job ${id} has no group for its environment`];
      return concurrency?.['cancel-in-progress'] === false ? [] : [`job ${id} can be cancelled while it runs`];
    }),
    ...(workflow.concurrency?.['cancel-in-progress'] &&
    stepsOf(workflow.jobs).some((one) => JSON.stringify(one).includes('secrets.'))
      ? ['a run with secrets can be cancelled']
      : []),
  ],
  'Google is asked by Workload Identity, without a key': ({ text, workflow }) => [
    ...(/credentials_json|_json_key|SA_KEY/.test(text) ? ['it uses a key of a service account'] : []),
    ...stepsOf(workflow.jobs).flatMap(({ uses, with: inputs }) =>
      uses?.startsWith('google-github-actions/auth@') && !inputs?.['workload_identity_provider']
        ? ['it authenticates without workload_identity_provider']
        : [],
    ),
  ],
  'no expression is part of a script, and no untrusted text is read': ({ text, workflow }) => [
    ...stepsOf(workflow.jobs).flatMap(({ run }) =>
      run?.includes('${{') ? [`\`${run}\` has an expression in it`] : [],
    ),
    ...(UNTRUSTED.test(text) ? [`it reads ${UNTRUSTED.exec(text)?.[0]}, which anybody can choose`] : []),
    ...['pull_request_target', 'workflow_run', 'issue_comment']
      .filter((trigger) => trigger in workflow.on && !(trigger === 'workflow_run' && onlyComments(workflow.jobs)))
      .map((trigger) => `${trigger} runs with secrets on what anybody has written`),
  ],
  'a step is one call of a command': ({ workflow }) =>
    stepsOf(workflow.jobs).flatMap(({ run }) => {
      if (run === undefined) return [];
      const plain = run.replace(/\$\{[A-Z_]+:\+"--[a-z-]+=\$[A-Z_]+"\}/g, '').replace(/"\$[A-Z_]+"/g, '');
      return /[\n;&|<>`$()"'\\]/.test(plain) ? [`\`${run}\` is more than a call; move it to a command`] : [];
    }),
  'every command exists, with its options': ({ workflow }) =>
    stepsOf(workflow.jobs).flatMap(({ run }) => (run === undefined ? [] : commandProblems(wordsOf(run)))),
  'every variable of a command is set': ({ workflow }) =>
    Object.values(workflow.jobs).flatMap(({ steps = [], env: ofJob = {} }) =>
      steps.flatMap(({ run = '', env = {} }) => {
        const known = { ...workflow.env, ...ofJob, ...env };
        return [...run.matchAll(/"(?:--[a-z-]+=)?\$([A-Z_]+)"/g)]
          .map(([, name = '']) => name)
          .filter((name) => !Object.hasOwn(known, name))
          .map((name) => `\`${run}\`: ${name} is not set`);
      }),
    ),
  'every workflow that is called exists, with its inputs, secrets and outputs': (file) => callProblems(file),
  'every path exists': ({ workflow, path, platform }) => {
    const contexts = [...Object.values(platform.services), ...Object.values(platform.images)].map(
      ({ build }) => build?.context ?? '.',
    );
    return (workflow.on.push?.paths ?? []).flatMap((pattern) => {
      const plain = pattern.replace(/^!/, '');
      const literal = plain.split('*')[0]?.replace(/\/$/, '') ?? '';
      if (plain.startsWith('.github/workflows/')) {
        return plain.endsWith('**') || workflowExists(path, plain) ? [] : [`${plain} is no workflow`];
      }
      if (literal === '' || literal === '.github' || contexts.includes(literal)) return [];
      return FOLDERS(platform.name).some((folder) => literal === folder || literal.startsWith(`${folder}/`))
        ? []
        : [`${plain} is neither a build context nor a folder of the platform`];
    });
  },
  'every secret and variable is in the settings of the platform': ({ workflow, text, platform }) => {
    const settings = githubSettings(platform);
    const used = [...text.matchAll(/\b(secrets|vars)\.(\w+)/g)].map(([, kind, name = '']) => ({
      kind: kind === 'secrets' ? 'secret' : 'variable',
      name,
    }));
    const ofEnvironment = (job: LoadedJob) => job.environment !== undefined || job.uses !== undefined;
    return [
      ...used
        .filter(
          ({ kind, name }) =>
            name !== 'GITHUB_TOKEN' && !settings.some((one) => one.kind === kind && one.name === name),
        )
        .map(({ kind, name }) => `${kind} ${name} is not in the settings of ${platform.name}`),
      ...Object.entries(workflow.jobs).flatMap(([id, job]) =>
        settings
          .filter(
            ({ name, env }) => env && !settings.some((one) => one.name === name && !one.env) && !ofEnvironment(job),
          )
          .filter(({ name }) => new RegExp(`\\b(secrets|vars)\\.${name}\\b`).test(JSON.stringify(job)))
          .map(({ name }) => `job ${id} reads ${name}, and names no GitHub environment that has it`),
      ),
    ];
  },
  'everything that an expression reads exists': (file) => referenceProblems(file),
  'every job ends': ({ workflow }) =>
    Object.entries(workflow.jobs).flatMap(([id, { uses, 'timeout-minutes': minutes }]) =>
      uses || (minutes !== undefined && minutes <= 90) ? [] : [`job ${id} may run for ${minutes ?? 360} minutes`],
    ),
  'a commit of a tag starts no build': ({ workflow, platform }) =>
    Object.keys(platform.environments).flatMap((env) => {
      const paths = workflow.on.push?.paths;
      const builds = Object.keys(workflow.jobs).includes('build');
      const file = `${repositoryOf(platform, env).path}/kustomization.yaml`;
      const isOwn = !Object.values(workflow.jobs).some(({ uses }) => uses?.includes('@'));
      return builds && isOwn && paths && matchesPaths(paths, [file]) ? [`a commit to ${file} starts it`] : [];
    }),
  'a private cluster is reached through a tunnel': ({ workflow, path, platform }) => {
    const kinds = path.endsWith('push-apply.yml')
      ? (['push-apply'] as const)
      : (['ci-commit', 'image-updater'] as const);
    const vms = environmentsBy(platform, ...kinds).filter((env) => hasVm(platform, [env]));
    return stepsOf(workflow.jobs).flatMap(({ run = '', if: condition }) => {
      const concerned = vms.filter((env) => condition === undefined || new RegExp(`['"]${env}['"]`).test(condition));
      const reaches = run.includes(' ship ') && !/ --(build-only|no-wait)/.test(run) && !run.includes(' tunnel ');
      return reaches && concerned.length > 0 ? [`\`${run}\` does not reach the VM of ${concerned.join(', ')}`] : [];
    });
  },
  'code of a pull request runs on runners of GitHub, deployments where the platform says': ({ workflow, platform }) =>
    Object.entries(workflow.jobs).flatMap(([id, job]) => {
      const runner = job['runs-on'];
      if (runner === undefined || runner === 'ubuntu-24.04')
        return changesCluster(job) && runner !== platform.runner ? [`job ${id} runs on ${runner}`] : [];
      return runner === platform.runner && !('pull_request' in workflow.on) ? [] : [`job ${id} runs on ${runner}`];
    }),
  'times of cron are times': ({ workflow }) =>
    (workflow.on.schedule ?? []).flatMap(({ cron }) =>
      /^([0-5]?\d) ([01]?\d|2[0-3]) (\*|\d+) (\*|\d+) (\*|[0-6])$/.test(cron)
        ? []
        : [`cron "${cron}" is no time of a day`],
    ),
};

function stepsOf(jobs: Readonly<Record<string, LoadedJob>>): LoadedStep[] {
  return Object.values(jobs).flatMap(({ steps = [] }) => steps);
}

/** True if no job runs anything but the comments of plans, from the default branch: they take what another run left as data. */
function onlyComments(jobs: Readonly<Record<string, LoadedJob>>): boolean {
  return stepsOf(jobs).every(({ run, uses, with: inputs }) =>
    uses?.startsWith('actions/checkout@')
      ? inputs?.['ref'] === undefined && inputs?.['repository'] === undefined
      : run === undefined || run === 'npm ci' || run.includes(' plan-comment '),
  );
}

/** Deployments, but not builds: they change an environment. */
function changes(job: LoadedJob | undefined): boolean {
  return (job?.steps ?? []).some(
    ({ run = '' }) => / (ship|cluster|rollback) /.test(run) && !run.includes('--build-only'),
  );
}

/** Those that reach the cluster itself. */
function changesCluster(job: LoadedJob): boolean {
  return job.environment !== undefined && (job.steps ?? []).some(({ run = '' }) => run.includes(' ship '));
}

function permissionsOf({ steps = [] }: LoadedJob): [string, string][] {
  const uses = (name: string) => steps.find((step) => step.uses?.startsWith(`${name}@`));
  const readsOwn = steps.some(
    ({ uses: action, with: inputs }) => action?.startsWith('actions/checkout@') && !inputs?.['token'],
  );
  const pushes = steps.some(({ run = '' }) => run.includes(' ship ') && !run.includes('--no-wait'));
  return [
    ...(readsOwn ? [['contents', 'read'] as [string, string]] : []),
    ...(uses('google-github-actions/auth') ? [['id-token', 'write'] as [string, string]] : []),
    ...(uses('actions/download-artifact')?.with?.['run-id'] ? [['actions', 'read'] as [string, string]] : []),
    ...(steps.some(({ run = '' }) => run.includes(' plan-comment '))
      ? [['pull-requests', 'write'] as [string, string]]
      : []),
    ...(steps.some(({ run = '' }) => run.includes(' drift ') && run.includes(' --issue'))
      ? [['issues', 'write'] as [string, string]]
      : []),
    ...(uses('docker/login-action')?.with?.['registry'] === 'ghcr.io'
      ? [['packages', pushes ? 'write' : 'read'] as [string, string]]
      : []),
  ];
}

function wantedBy(jobs: Readonly<Record<string, LoadedJob>>): [string, string][] {
  const all = Object.values(jobs).flatMap(({ permissions = {} }) => Object.entries(permissions));
  const names = [...new Set(all.map(([name]) => name))];
  return names.map((name) => [
    name,
    all.some(([other, level]) => other === name && level === 'write') ? 'write' : 'read',
  ]);
}

/** The words that a shell would make of a command, with samples for what is in variables. */
function wordsOf(run: string): string[] {
  return run.split(' ').map((word) => {
    const [, option, name = ''] = /^(?:\$\{[A-Z_]+:\+)?"(--[a-z-]+=)?\$([A-Z_]+)"\}?$/.exec(word) ?? [];
    return name ? `${option ?? ''}${SAMPLES[name] ?? 'x'}` : word;
  });
}

const FOLDERS = (platform: string) => [`k8s/${platform}`, `platforms/${platform}`, 'k8s', 'platforms', 'docs'];

function workflowExists(path: string, wanted: string): boolean {
  return GENERATED.has(path.slice(0, path.lastIndexOf('/') + 1) + wanted.slice(wanted.lastIndexOf('/') + 1));
}

/** Paths of all workflows, which the test fills in. */
export const GENERATED = new Set<string>();

function callProblems({ workflow, callable }: WorkflowFile): string[] {
  return Object.entries(workflow.jobs).flatMap(([id, { uses, with: inputs = {}, secrets = {} }]) => {
    if (uses === undefined) return [];
    const called = callable.get(uses)?.on.workflow_call;
    if (!called) return [`job ${id} calls ${uses}, which is no workflow of the platform`];
    const compare = (
      what: string,
      given: object,
      known: Readonly<Record<string, { readonly required: boolean }>> = {},
    ) => [
      ...Object.keys(given)
        .filter((name) => !known[name])
        .map((name) => `job ${id}: ${uses} has no ${what} ${name}`),
      ...Object.entries(known)
        .filter(([name, { required }]) => required && !Object.hasOwn(given, name))
        .map(([name]) => `job ${id}: ${uses} needs ${what} ${name}`),
    ];
    return [...compare('input', inputs, called.inputs), ...compare('secret', secrets, called.secrets)];
  });
}

function referenceProblems({ workflow, callable }: WorkflowFile): string[] {
  const call = workflow.on.workflow_call;
  const inputs = [call?.inputs ?? {}, workflow.on.workflow_dispatch?.inputs ?? {}].flatMap(Object.keys);
  const references = (value: unknown) =>
    [
      ...JSON.stringify(value).matchAll(
        /\b(inputs|needs|steps|jobs)\.([\w-]+)(?:\.(outputs|result|outcome)(?:\.([\w-]+))?)?/g,
      ),
    ].map(([all = '', context = '', name = '', , output]) => ({ all, context, name, output }));
  const outputsOf = (id: string) => {
    const { uses, outputs } = workflow.jobs[id] ?? {};
    return Object.keys((uses ? callable.get(uses)?.on.workflow_call?.outputs : outputs) ?? {});
  };
  return [
    ...references(workflow)
      .filter(({ context, name }) => context === 'inputs' && !inputs.includes(name))
      .map(({ all }) => `there is no ${all}`),
    ...references(call?.outputs ?? {})
      .filter(({ context, name, output }) => context === 'jobs' && !outputsOf(name).includes(output ?? ''))
      .map(({ all }) => `there is no ${all}`),
    ...Object.entries(workflow.jobs).flatMap(([id, job]) => [
      ...(job.needs ?? [])
        .filter((name) => !workflow.jobs[name])
        .map((name) => `job ${id} needs ${name}, which does not exist`),
      ...references(job)
        .filter(
          ({ context, name, output }) =>
            context === 'needs' && !(job.needs?.includes(name) && (!output || outputsOf(name).includes(output))),
        )
        .map(({ all }) => `job ${id} reads ${all}, which does not exist`),
      ...stepReferences(job).map((all) => `job ${id} reads ${all}, which no step before sets`),
    ]),
  ];

  function stepReferences({ steps = [], outputs }: LoadedJob): string[] {
    const isSet = (before: readonly LoadedStep[], name: string, output: string | undefined) => {
      const step = before.find(({ id }) => id === name);
      if (!step || output === undefined) return step !== undefined;
      const [action = ''] = step.uses?.split('@') ?? [];
      const script =
        step.run
          ?.match(/run --silent ([\w-]+)/g)
          ?.at(-1)
          ?.split(' ')
          .at(-1) ?? '';
      return [...(ACTION_OUTPUTS[action] ?? []), ...(COMMAND_OUTPUTS[script] ?? [])].includes(output);
    };
    return [
      ...steps.map((step, index) => ({ value: step as unknown, before: steps.slice(0, index) })),
      { value: outputs ?? {}, before: steps },
    ].flatMap(({ value, before }) =>
      references(value)
        .filter(({ context, name, output }) => context === 'steps' && !isSet(before, name, output))
        .map(({ all }) => all),
    );
  }
}
