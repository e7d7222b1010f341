import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../clients/process';

/** Where a report comes from. */
export interface Origin {
  /** When the rehearsal started, in UTC. */
  readonly startedAt: string;
  /** The commit that was checked out, with `+ changes` if files differed from it. @default - not a Git checkout */
  readonly commit?: string;
  /** Versions of the programs, by name. A program that does not print one is left out. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Reads where a report comes from. What cannot be read is left out. @param env - the environment of the programs. */
export async function originOf(startedAt: Date, env: NodeJS.ProcessEnv): Promise<Origin> {
  const [commit, changes, terraform, kubectl] = await Promise.all([
    printed('git', ['rev-parse', '--short', 'HEAD'], process.env),
    printed('git', ['status', '--porcelain', '--untracked-files=no'], process.env),
    printed('terraform', ['version', '-json'], env),
    printed('kubectl', ['version', '--client', '--output=json'], env),
  ]);
  const versions = {
    strata: (JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8')) as { version: string }).version,
    node: process.versions.node,
    terraform: versionIn(terraform, /"terraform_version":\s*"([^"]+)"/),
    kubectl: versionIn(kubectl, /"gitVersion":\s*"v?([^"]+)"/),
    system: `${process.platform} ${process.arch}`,
  };
  return {
    startedAt: startedAt.toISOString(),
    ...(commit && { commit: changes ? `${commit} + changes` : commit }),
    versions: Object.fromEntries(
      Object.entries(versions).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
  };
}

async function printed(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    const { code, stdout } = await run(command, args, { env });
    return code === 0 ? stdout.trim() : undefined;
  } catch {
    return undefined;
  }
}

function versionIn(text: string | undefined, pattern: RegExp): string | undefined {
  return pattern.exec(text ?? '')?.[1];
}
