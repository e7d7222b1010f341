import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { stringify } from 'yaml';
import { inHome } from '../clients/kubeconfig';
import { loadPlatform } from '../platforms/load';
import { environmentOf, type Platform } from '../platforms/schema/define-platform';
import { kubeconfigOf } from '../platforms/schema/environment';
import { namesOf } from '../platforms/schema/names';
import { sandboxOf } from '../rehearsal/sandbox-of';
import { advance, parseSpan } from '../sandbox/advance';
import { lacksOf } from '../sandbox/configuration';
import { isolate } from '../sandbox/isolation';
import { addToKubeconfig } from '../sandbox/machines/kubeconfig';
import { type AnsweringCluster, startSandbox } from '../sandbox/sandbox';
import { supportedTypes } from '../sandbox/types';
import { defaultPlatform, strict } from './support/options';
import { start } from './support/start';

interface Options {
  readonly directory: string;
  readonly platform: string;
  readonly env?: string;
  readonly bucket?: string[];
  readonly fresh?: true;
  readonly types?: true;
  readonly advance?: number;
}

const command = strict(new Command('npm run sandbox --'))
  .description(
    'Runs a command inside simulated clouds, with the real terraform: npx cdktf deploy, terraform plan, kubectl, bash. ' +
      'The clouds are kept between commands. No account is used, and nothing leaves this machine.',
  )
  .argument('[command...]', 'the command; everything from its name on belongs to it')
  .option('--fresh', 'start over with empty clouds')
  .option('--directory <directory>', 'where the clouds are kept', join('.sandbox', 'default'))
  .option(
    '--platform <name>',
    'the platform whose repository, images and state bucket exist; PLATFORM in the environment overrides the default',
    defaultPlatform(),
  )
  .option('--env <name>', "the environment whose cluster is kubectl's current one (default: the platform's first)")
  .option('--bucket <name>', 'a bucket that exists too; may be given again', toBuckets)
  .option('--advance <span>', 'let simulated time pass, such as 2h30m, before the command if there is one', toSeconds)
  .option('--types', 'list the types that the sandbox knows, and how many of their arguments have a rule')
  .addHelpText(
    'after',
    '\nExamples:\n' +
      '  npm run sandbox -- npx cdktf deploy vpc-prod\n' +
      '  npm run sandbox -- bash\n' +
      '  npm run sandbox -- --advance 1h     the cluster reads the secrets that were set\n' +
      '  npm run sandbox -- --advance 12h    the night passes\n' +
      '  npm run sandbox -- --fresh terraform plan    in a folder of plain HCL\n' +
      "\nThe exit code is the command's own; 1 when the sandbox cannot start or a terraform in it was killed, 2 for wrong usage, " +
      'and 3 when another process uses the sandbox.',
  )
  .passThroughOptions()
  .action(async ([program, ...args]: string[], options: Options) => {
    if (options.types && program) return command.error(`--types runs no command; got "${program}"`);
    if (options.types) return printTypes();
    if (!program && options.advance === undefined) {
      return command.error('give the command to run inside, such as bash; --help says more');
    }
    process.exitCode = await runInside(program, args, options);
  });

async function runInside(program: string | undefined, args: string[], options: Options): Promise<number> {
  const platform = loadPlatform(options.platform);
  const { env: current } = options;
  if (current !== undefined) environmentOf(platform, current);
  const prepared = await sandboxOf(platform, { current });
  const files = new Map(
    Object.keys(platform.environments).map((env) => {
      const { vm, kubeconfig } = namesOf(platform.name, env);
      return [vm, kubeconfig];
    }),
  );
  const sandbox = await startSandbox({
    ...prepared,
    buckets: [...(prepared.buckets ?? []), ...(options.bucket ?? [])],
    directory: options.directory,
    fresh: options.fresh,
    onClusterAnswers: (cluster) => writeKubeconfigs(cluster, files.get(cluster.machine)),
  });
  try {
    if (options.advance !== undefined) {
      for (const line of await advance(sandbox.world, options.advance)) console.error(line);
      console.error(`sandbox: it is ${sandbox.world.clock.iso()} now`);
    }
    if (!program) return 0;
    // npm goes to the package's folder; the command belongs where its user stands.
    const cwd = (process.env['npm_lifecycle_event'] === 'sandbox' && process.env['INIT_CWD']) || process.cwd();
    const isolation = isolate([cwd, process.cwd(), options.directory, tmpdir()]);
    console.error(`sandbox: ${isolation.sentence}`);
    // kubectl merges them: every cluster that exists is there by its context, and the first current one counts.
    const kubeconfigs = new Set([
      ...(current === undefined ? [] : [chooseContext(sandbox.env, platform, current)]),
      '~/.kube/config',
      ...(prepared.clusters ?? []).map(({ kubeconfig }) => kubeconfig),
    ]);
    const KUBECONFIG = [...kubeconfigs].map((file) => inHome(file, sandbox.env)).join(delimiter);
    // A restore that is practised must not be left in the checkout, where the next real deploy would carry it out.
    const STRATA_RESTORE_DIRECTORY = resolve(options.directory, 'restores');
    for (const lack of lacksOf(cwd ?? process.cwd())) console.error(`sandbox: ${lack}`);
    return await sandbox.run(program, args, {
      cwd,
      isolation,
      env: { PLATFORM: platform.name, KUBECONFIG, STRATA_RESTORE_DIRECTORY },
    });
  } finally {
    await sandbox.close();
    const { checked, accepted } = sandbox.coverage.total();
    if (checked + accepted > 0) {
      console.error(
        `sandbox: ${checked + accepted} arguments configured: ${checked} checked by a rule, ${accepted} accepted unread`,
      );
    }
  }
}

function toBuckets(name: string, all: string[] = []): string[] {
  if (/^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/.test(name)) return [...all, name];
  throw new InvalidArgumentError('give a name of 3 to 63 lowercase letters, digits, hyphens, underscores and dots');
}

function toSeconds(span: string): number {
  try {
    return parseSpan(span);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

/** As `npm run kubeconfig` would, and where kubectl looks by itself. */
function writeKubeconfigs({ kubeconfig, home }: AnsweringCluster, ofEnvironment: string | undefined): void {
  for (const file of ['~/.kube/config', ofEnvironment]) {
    if (file) addToKubeconfig(file.replace(/^~/, home), kubeconfig);
  }
}

/**
 * Writes a kubeconfig that holds the current context only: that of an environment. kubectl takes the current context from the
 * first of its files that has one.
 *
 * @returns its path.
 */
function chooseContext(env: NodeJS.ProcessEnv, platform: Platform, environment: string): string {
  const file = '~/.kube/current-context';
  const context = kubeconfigOf(platform, environment).context ?? namesOf(platform.name, environment).vm;
  mkdirSync(dirname(inHome(file, env)), { recursive: true });
  writeFileSync(inHome(file, env), stringify({ apiVersion: 'v1', kind: 'Config', 'current-context': context }));
  return file;
}

function printTypes(): void {
  const types = supportedTypes().sort((a, b) => a.type.localeCompare(b.type));
  const width = Math.max(...types.map(({ type }) => type.length));
  const line = (name: string, ruled: number, all: number, kind = '') =>
    `${name.padEnd(width)}  ${`${ruled} of ${all}`.padStart(12)}  ${kind}`.trimEnd();
  console.log(`${'type'.padEnd(width)}  ${'with a rule'.padStart(12)}`);
  for (const { type, kind, ruled, arguments: all } of types) {
    console.log(line(type, ruled, all, kind === 'resource' ? '' : kind));
  }
  const sum = (key: 'ruled' | 'arguments') => types.reduce((total, type) => total + type[key], 0);
  console.log(line(`${types.length} types`, sum('ruled'), sum('arguments')));
}

export default start(command, module);
