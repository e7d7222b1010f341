import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { configuredPlatform, loadPlatform } from '../../platforms/load';
import { type Checkout, problemWith, type Wanted } from './checkout';
import type { Row, Trial } from './trial';

/** The platform that the trials are about. */
const PLATFORM = configuredPlatform();

/** One whose manifests CI applies; no service is built for it. */
const APPLIED =
  readdirSync('platforms').find(
    (name) =>
      existsSync(join('platforms', name, 'platform.ts')) &&
      Object.values(loadPlatform(name).environments).some(({ delivery }) => delivery.kind === 'push-apply'),
  ) ?? '';

/** A command of this project with its arguments, and how it should end. */
type Called = readonly [script: string, args: readonly string[], wanted: Wanted];

const USAGE = { codes: [2] };

function trialOf(checkout: () => Checkout, [script, args, wanted]: Called): Trial {
  return {
    name: `npm run ${script} -- ${args.map((arg) => (arg === '' ? "''" : arg)).join(' ')}`,
    run: async () => problemWith(await checkout().script(script, args, { patience: 90 }), wanted),
  };
}

/** Calls that are wrong: what does not exist, what contradicts, what would be ignored. */
export function wrongCalls(checkout: () => Checkout, scripts: readonly string[]): Row {
  const all = scripts.flatMap((script): Called[] => [
    [script, ['--nope'], USAGE],
    [script, ['--platform', 'nope'], { codes: [2] }],
    [script, ['one', 'two', 'three', 'four', 'five', '--env', 'nope'], { codes: [script === 'sandbox' ? 127 : 2] }],
    [script, ['--help', 'x'], { codes: [0, 2] }],
  ]);
  const file = 'package.json';
  const rehearsals = ['', file, '/dev/null', '/proc/x', `${file}/x`].map(
    (to): Called => ['rehearse', ['--report', to], USAGE],
  );
  const places = ['', file, '/proc/x', '.', 'scripts', '/'].flatMap((to): Called[] => [
    ['sandbox', ['--directory', to, 'true'], USAGE],
    ['sandbox', ['--fresh', '--directory', to, 'true'], USAGE],
    ['rehearse', ['--directory', to], USAGE],
  ]);
  const compared = ['', 'nowhere.json', 'package.json', '/dev/null', 'scripts'].map(
    (to): Called => ['rehearse', ['--compare', to], USAGE],
  );
  const spans = ['', '1', '-1h', '1x', '99999999h', '1e3s', 'h'].map(
    (span): Called => ['sandbox', [`--advance=${span}`, 'true'], USAGE],
  );
  const buckets = ['', 'A', 'a', '../x', '-x', 'x'.repeat(64)].map(
    (name): Called => ['sandbox', [`--bucket=${name}`, 'true'], USAGE],
  );
  const names = [
    '',
    '-x',
    'A',
    'a b',
    'true',
    'null',
    '__proto__',
    'cloudflared',
    'x'.repeat(64),
    "x'y",
    '../x',
    '$(id)',
  ];
  const services = names.map(
    (name): Called => ['new-service', ['--port', '8100', '--dry-run', '--', PLATFORM, name], USAGE],
  );
  const environments = names.map(
    (name): Called => [
      'new-environment',
      ['--like', 'prod', '--cidr', '10.30.0.0/24', '--hostname', 'x.example.com', '--dry-run', '--', PLATFORM, name],
      { codes: name === 'cloudflared' ? [0] : [2] },
    ],
  );
  const platforms = names.map(
    (name): Called => [
      'new-platform',
      ['--like', PLATFORM, '--dry-run', '--', name],
      { codes: name === 'cloudflared' ? [0] : [2] },
    ],
  );
  const numbers = ['', '0', '-1', '1.5', '1e9', 'NaN', 'x', '65536'].flatMap((number): Called[] => [
    ['new-service', [PLATFORM, 'trial', `--port=${number}`, '--dry-run'], USAGE],
    ['open', ['nextjs', `--port=${number}`], USAGE],
    [
      'gate',
      ['approve', '--env', 'prod', '--service', 'nextjs', '--tag', '8caff6f', `--hours=${number}`, '--dry-run'],
      USAGE,
    ],
    ['tag', ['history', '--service', 'nextjs', `--limit=${number}`], USAGE],
  ]);
  const hostile = ["x' + (console.error('INJECTED'), '') + '", '$(id)', 'a b', '', '-x'].flatMap((value): Called[] => [
    ['new-environment', [PLATFORM, 'qa', '--like', 'local', `--context=${value}`, '--dry-run'], USAGE],
    [
      'new-environment',
      [PLATFORM, 'qa', '--like', 'prod', '--cidr', '10.30.0.0/24', `--hostname=${value}`, '--dry-run'],
      USAGE,
    ],
    [
      'new-environment',
      [PLATFORM, 'qa', '--like', 'prod', '--hostname', 'qa.example.com', `--cidr=${value}`, '--dry-run'],
      USAGE,
    ],
  ]);
  const single: Called[] = [
    ['platform', ['--env', 'prod'], USAGE],
    ['kubeconfig', ['prod', '--env', 'staging'], USAGE],
    ['restore', ['--env', 'prod', '--finish', '--snapshot', 'x'], USAGE],
    ['restore', ['--env', 'local'], USAGE],
    ['restore', [], USAGE],
    ['sandbox', ['--types', 'extra'], USAGE],
    ['sandbox', [], USAGE],
    ['sandbox', ['--env', 'nope', 'true'], USAGE],
    ['sandbox', ['no-such-program'], { codes: [127], says: /no-such-program/ }],
    ['open', ['__proto__'], USAGE],
    ['open', ['nope'], USAGE],
    ['tunnel', ['prod', 'nosuchcommand'], { codes: [1, 2], says: /kubeconfig|nosuchcommand/ }],
    ['tunnel', ['--env', 'prod', 'kubectl'], { codes: [1, 2] }],
    ['tunnel', ['local'], USAGE],
    ['snapshot', [], USAGE],
    ['secret', [], USAGE],
    ['secret', ['set', 'nope', '--env', 'prod'], USAGE],
    ['secret', ['list', '--env', 'nope'], USAGE],
    [
      'new-environment',
      [PLATFORM, 'qa', '--like', 'prod', '--cidr', '8.8.8.0/24', '--hostname', 'qa.example.com', '--dry-run'],
      USAGE,
    ],
    [
      'new-environment',
      [PLATFORM, 'qa', '--like', 'prod', '--cidr', '10.10.0.0/24', '--hostname', 'qa.example.com', '--dry-run'],
      USAGE,
    ],
    ['new-service', [APPLIED, 'report', '--port', '80', '--dry-run'], USAGE],
    ['notify', ['build', 'nope', '--service', 'x', '--tag', 'y'], USAGE],
    ['push-apply', ['changes', '--since', '--output=x'], USAGE],
    ['push-apply', ['changes', '--since', 'nope'], { codes: [1, 2] }],
    ['validate', ['--dry-run'], USAGE],
    ['validate', ['--env', 'prod'], USAGE],
  ];
  const calls = [
    ...all,
    ...rehearsals,
    ...places,
    ...compared,
    ...spans,
    ...buckets,
    ...services,
    ...environments,
    ...platforms,
    ...numbers,
    ...hostile,
    ...single,
  ];
  return { name: 'wrong calls', trials: calls.map((call) => trialOf(checkout, call)) };
}

/** Calls without a program that they need. */
export function missingTools(checkout: () => Checkout, folder: string): Row {
  const without = (tool: string): string => {
    const bin = join(folder, `without-${tool}`);
    if (existsSync(bin)) return bin;
    mkdirSync(bin);
    for (const from of (process.env['PATH'] ?? '').split(':').filter(existsSync))
      for (const name of readdirSync(from))
        if (name !== tool && !existsSync(join(bin, name))) symlinkSync(join(from, name), join(bin, name));
    return bin;
  };
  const calls: readonly (readonly [tool: string, ...Called])[] = [
    ['terraform', 'rehearse', [], { codes: [1], says: /terraform/ }],
    ['terraform', 'sandbox', ['terraform', 'version'], { codes: [127], says: /terraform/ }],
    ['terraform', 'validate', ['--platform', PLATFORM], { codes: [0] }],
    ['terraform', 'platform', [], { codes: [0] }],
    ['terraform', 'new-service', [PLATFORM, 'trial', '--port', '80', '--dry-run'], { codes: [0] }],
    ['kubectl', 'rehearse', [], { codes: [1, 2], says: /kubectl/ }],
    ['kubectl', 'validate', ['--platform', PLATFORM], { codes: [2], says: /kubectl is not installed/ }],
    ['kubectl', 'platform', [], { codes: [2], says: /kubectl is not installed/ }],
    ['kubectl', 'sandbox', ['kubectl', 'get', 'pods'], { codes: [127], says: /kubectl/ }],
    ['kubectl', 'sandbox', ['true'], { codes: [0] }],
    ['kubectl', 'images', ['status', '--env', 'prod'], { codes: [1, 2, 4] }],
    ['kubectl', 'verify', ['--env', 'prod'], { codes: [1, 2, 3], says: /./ }],
    ['git', 'rehearse', [], { codes: [1, 2], says: /git/ }],
    ['git', 'sandbox', ['true'], { codes: [1, 2], says: /git/ }],
    ['git', 'new-service', [PLATFORM, 'trial', '--port', '80', '--dry-run'], { codes: [1], says: /git/ }],
    [
      'git',
      'new-environment',
      [PLATFORM, 'qa', '--like', 'prod', '--cidr', '10.30.0.0/24', '--hostname', 'qa.example.com', '--dry-run'],
      { codes: [1], says: /git/ },
    ],
    ['git', 'ship', ['nextjs', '--env', 'prod', '--dry-run'], { codes: [1], says: /git/ }],
    ['git', 'tag', ['history', '--env', 'prod', '--service', 'nextjs'], { codes: [1], says: /git/ }],
    ['git', 'lock', ['status', '--env', 'prod'], { codes: [1], says: /git/ }],
    ['git', 'gate', ['status', '--env', 'prod'], { codes: [1], says: /git/ }],
    ['git', 'rollback', ['nextjs', '--env', 'prod', '--dry-run'], { codes: [1], says: /git/ }],
    ['git', 'push-apply', ['changes', '--since', 'HEAD'], { codes: [1], says: /git/ }],
    ['git', 'images', ['build', 'nextjs', '--dry-run'], { codes: [1], says: /git/ }],
    ['git', 'validate', ['--platform', PLATFORM], { codes: [0] }],
    ['gcloud', 'tunnel', ['prod'], { codes: [1], says: /gcloud/ }],
    ['gcloud', 'kubeconfig', ['prod'], { codes: [1], says: /gcloud/ }],
    ['gcloud', 'open', ['nextjs'], { codes: [1], says: /gcloud|kubeconfig/ }],
  ];
  return {
    name: 'missing tools',
    trials: calls.map(([tool, script, args, wanted]) => ({
      name: `without ${tool}: npm run ${script} -- ${args.join(' ')}`,
      run: async () => {
        const ended = await checkout().script(script, args, { env: { PATH: without(tool) } });
        return problemWith(ended, wanted);
      },
    })),
  };
}

/** What `--json` prints: JSON and nothing else, or nothing. */
export function jsonOutput(checkout: () => Checkout): Row {
  const calls: readonly (readonly [script: string, args: readonly string[]])[] = [
    ['platform', []],
    ['platform', ['--platform', 'nope']],
    ['validate', ['--platform', PLATFORM]],
    ['validate', ['--platform', 'nope']],
    ['new-service', [PLATFORM, 'trial', '--port', '8100', '--dry-run']],
    ['new-service', [PLATFORM, 'nextjs', '--port', '8100', '--dry-run']],
    [
      'new-environment',
      [PLATFORM, 'qa', '--like', 'prod', '--cidr', '10.30.0.0/24', '--hostname', 'qa.example.com', '--dry-run'],
    ],
    ['new-platform', ['shop', '--like', PLATFORM, '--dry-run']],
    ['kubeconfig', ['prod', '--dry-run']],
    [
      'notify',
      ['build', 'failed', '--service', 'nextjs', '--tag', '8caff6f', '--error', '\u001b[31m\u009b', '--dry-run'],
    ],
    ['images', ['build', 'nextjs', '--dry-run']],
    ['push-apply', ['changes', '--since', 'HEAD', '--platform', APPLIED]],
    ['push-apply', ['validate', '--platform', APPLIED, '--env', 'prod']],
    ['restore', ['--env', 'prod', '--dry-run']],
  ];
  return {
    name: 'what --json prints',
    trials: calls.map(([script, args]) => ({
      name: `npm run ${script} -- ${args.join(' ')} --json`,
      run: async () => {
        const ended = await checkout().script(script, [...args, '--json']);
        const problem = problemWith(ended, { codes: [0, 1, 2, 3, 4, 5] });
        if (problem || ended.stdout === '') return problem;
        try {
          JSON.parse(ended.stdout);
          return undefined;
        } catch {
          return `it printed ${JSON.stringify(ended.stdout.slice(0, 200))}`;
        }
      },
    })),
  };
}

/** Words in the documents that stand for a value. */
const PLACEHOLDERS: Readonly<Record<string, string>> = {
  ...{
    NAME: PLATFORM,
    ENVIRONMENT: 'prod',
    ENV: 'prod',
    SERVICE: 'nextjs',
    STAGE: 'build',
    STATE: 'failed',
    COMMAND: 'bash',
  },
  ...{ FILE: 'x.json', $name: 'tunnel-token' },
};

/** The commands that README and the runbooks name: each exists, and has the options that it is shown with. */
export function documentedCommands(checkout: () => Checkout, scripts: Readonly<Record<string, string>>): Row {
  const documents = ['README.md', ...readdirSync('docs/runbooks').map((name) => `docs/runbooks/${name}`)];
  const lines = documents.flatMap((document) =>
    [
      ...readFileSync(document, 'utf8').matchAll(
        /npm run (?:--silent |-s )?([\w:-]+)(?: --((?: (?:[\w@./=<>:"$-]|\\\|)+)*))?/g,
      ),
    ].map(([, name = '', words = '']) => ({ document, name, words: words.trim() })),
  );
  const unique = [...new Map(lines.map((line) => [`${line.name} ${line.words}`, line])).values()];
  return {
    name: 'commands of the documents',
    trials: unique.map(({ document, name, words }) => ({
      name: `${document}: npm run ${name} -- ${words}`,
      run: async () => {
        const [, file] = /scripts\/([\w-]+)\.ts/.exec(scripts[name] ?? '') ?? [];
        if (scripts[name] === undefined) return 'package.json has no such command';
        if (!file || words.includes('\\|')) return undefined;
        const given = words
          .split(' ')
          .filter(Boolean)
          .map((word) => PLACEHOLDERS[word] ?? word);
        // What comes after the program that a command runs belongs to the program.
        const program = ['sandbox', 'tunnel'].includes(file) ? given.findIndex((word) => !word.startsWith('-')) : -1;
        const own = program < 0 ? given : given.slice(0, program);
        const firstOption = own.findIndex((word) => word.startsWith('-'));
        const subcommand = firstOption < 0 ? own : own.slice(0, firstOption);
        const { stdout, stderr, code } = await checkout().script(file, [...subcommand, '--help']);
        const unknown = own.filter((word) => word.startsWith('--') && !stdout.includes(word.split('=')[0] ?? ''));
        if (code !== 0) return `--help ends with ${code}: ${stderr.slice(0, 200)}`;
        return unknown.length > 0 ? `its help does not name ${unknown.join(', ')}` : undefined;
      },
    })),
  };
}
