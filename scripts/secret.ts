import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import { signedInClients } from '../clients/google';
import { secretStoreOf } from '../clients/secrets';
import { UsageError } from '../errors';
import { loadPlatform } from '../platforms/load';
import { environmentOf } from '../platforms/schema/define-platform';
import { namesOf } from '../platforms/schema/names';
import { problemOfValue, secretsOf } from '../platforms/schema/secrets';
import { platformOptions, wrongUsage } from './support/options';
import { start } from './support/start';

interface Options {
  readonly platform: string;
  readonly env: string;
  readonly json?: true;
  readonly dryRun?: true;
}

const command = new Command('npm run secret --').description(
  'Sets secrets in Secret Manager. The value is read from standard input and never written to a file, state, ' +
    'plan or process list.',
);

platformOptions(command.command('set <name>'))
  .description(
    'adds a version with the value on standard input: printf %s "$VALUE" | npm run secret -- set NAME ' +
      'Also creates the secret on clusters where no layer does.',
  )
  .option('--dry-run', 'show what would be written, without writing it')
  .action(async (name: string, options: Options) => {
    const { platform, id } = open(options);
    const secret = id(name);
    if (process.stdin.isTTY)
      throw new UsageError('pipe the value to standard input; typed by hand, it would be visible on the screen');
    const value = (await text(process.stdin)).replace(/\n$/, '');
    const problem = problemOfValue(name, value);
    if (problem) throw new UsageError(problem);
    const store = secretStoreOf(await signedInClients(), platform, options.env);
    const print = (result: object, words: string) => console.log(options.json ? JSON.stringify(result) : words);
    if (options.dryRun) return print({ dryRun: true, name: secret }, await store.preview(secret, value));
    await store.set(secret, value);
    print({ name: secret, state: 'set' }, `${secret} has a new version; the cluster reads it within an hour`);
  });

platformOptions(command.command('list'))
  .description('lists the secrets of an environment: set, empty or missing')
  .action(async (options: Options) => {
    const { platform, names, id } = open(options);
    const found = await secretStoreOf(await signedInClients(), platform, options.env).list(names.map(id));
    if (options.json) return console.log(JSON.stringify(found, null, 2));
    for (const { name, state } of found) console.log(`${state.padEnd(8)}${name}`);
  });

function open({ platform: name, env }: Options) {
  const platform = loadPlatform(name);
  const { delivery } = environmentOf(platform, env);
  if (delivery.kind === 'push-apply') {
    throw new UsageError(
      `environment "${env}" of platform "${name}" does not use Secret Manager: CI inserts GitHub secrets into its manifests; ` +
        `npm run platform -- --platform ${name} lists them`,
    );
  }
  const secrets = secretsOf(platform, env);
  return {
    platform,
    names: secrets,
    id: (secret: string) => {
      if (secrets.includes(secret)) return namesOf(name, env).secret(secret);
      throw new UsageError(
        `environment ${env} of ${name} has no secret "${secret}"; expected one of ${secrets.join(', ') || 'none'}`,
      );
    },
  };
}

command.exitOverride(wrongUsage);
export default start(command, module);
