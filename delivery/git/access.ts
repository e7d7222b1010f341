import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FailedError } from '../../errors';
import { runGit } from './process';
import { type Credentials, GITHUB_HOST_KEY } from './remote';

/** Access of git to a remote: environment variables of its processes, and a function that ends helper processes. */
export interface Access {
  readonly env: NodeJS.ProcessEnv;
  close(): void;
}

/** Ends a connection that hangs: below 1 kB/s for 30 s. */
const CONFIG: readonly (readonly [string, string])[] = [
  ['http.lowSpeedLimit', '1000'],
  ['http.lowSpeedTime', '30'],
  ['gc.auto', '0'],
];

/** A credential helper that reads the token from its environment, so that it is in no argument, URL, file or log. */
const HELPER = `!f() { test "$1" = get && printf 'username=x-access-token\\npassword=%s\\n' "$STRATA_GIT_TOKEN"; }; f`;

/**
 * Prepares git's environment for a remote.
 *
 * - A token is handed over by a credential helper, for the origin of the address alone.
 * - A deploy key is held by an ssh-agent that ends with this process; ssh accepts GitHub's own host key only.
 * - Otherwise git uses what the person has set up.
 *
 * @param folder - where the agent's socket and the host key go
 */
export async function openAccess(address: string, { token, deployKey }: Credentials, folder: string): Promise<Access> {
  if (deployKey && !/^https?:/.test(address)) {
    const agent = await startAgent(deployKey, folder);
    const hosts = join(folder, 'known_hosts');
    writeFileSync(hosts, `[ssh.github.com]:443 ${GITHUB_HOST_KEY}\n`);
    const ssh = `ssh -o BatchMode=yes -o ConnectTimeout=30 -o GlobalKnownHostsFile=${hosts}`;
    return { env: { ...configured(CONFIG), GIT_SSH_COMMAND: ssh, SSH_AUTH_SOCK: agent.socket }, close: agent.close };
  }
  const origin = /^https?:\/\/[^/]+/.exec(address)?.[0];
  if (!token || !origin) return { env: configured(CONFIG), close: () => undefined };
  const section = `credential.${origin}.helper`;
  const env = configured([...CONFIG, [section, ''], [section, HELPER]]);
  return { env: { ...env, STRATA_GIT_TOKEN: token }, close: () => undefined };
}

/** Settings of git as environment variables, after those that are set already. */
function configured(settings: readonly (readonly [string, string])[]): NodeJS.ProcessEnv {
  const before = Number(process.env['GIT_CONFIG_COUNT'] ?? 0);
  const entries = settings.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${before + index}`, key],
    [`GIT_CONFIG_VALUE_${before + index}`, value],
  ]);
  return { ...Object.fromEntries(entries), GIT_CONFIG_COUNT: String(before + settings.length) };
}

/** An ssh-agent in the foreground with one key, which reaches it by standard input. */
async function startAgent(key: string, folder: string): Promise<{ socket: string; close(): void }> {
  const socket = join(folder, 'agent');
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  const close = () => void agent.kill();
  const failed = once(agent, 'error').then(([error]) => Promise.reject(error));
  failed.catch(() => undefined);
  process.once('exit', close);
  // A busy runner takes seconds to start a program.
  for (let tries = 0; tries < 1000 && !existsSync(socket); tries++) await Promise.race([sleep(20), failed]);
  const add = spawn('ssh-add', ['-q', '-'], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
  add.stdin.end(key.endsWith('\n') ? key : `${key}\n`);
  const [code] = (await once(add, 'close')) as [number];
  if (code === 0) return { socket, close };
  close();
  throw new FailedError(
    'ssh-add refused the deploy key in CONFIG_DEPLOY_KEY; set it to a private key in OpenSSH format',
  );
}

/** Runs git with access to a remote. @throws {FailedError} with git's message, without the token */
export async function gitOrFail(args: readonly string[], cwd: string, access: Access, input?: string): Promise<string> {
  const { code, stdout, stderr } = await runGit(args, cwd, access.env, input);
  if (code === 0) return stdout;
  throw new FailedError(`git ${args[0]} failed: ${explained(stderr, access)}`);
}

/** The error of git without the token, and a fix if one is known. */
export function explained(stderr: string, { env }: Access): string {
  const token = env['STRATA_GIT_TOKEN'];
  const said = (token ? stderr.replaceAll(token, '***') : stderr).trim() || 'it timed out';
  const denied = /Authentication failed|could not read Username|Permission denied|403|not found/i.test(said);
  if (!denied) return said;
  return `${said}\nset REPO_ACCESS_TOKEN (token of a GitHub App) or CONFIG_DEPLOY_KEY (deploy key) of an identity that may push`;
}
