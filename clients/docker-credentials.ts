import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { FailedError } from '../errors';
import { run } from './process';

/** Credentials that a registry exchanges for a token. */
export type RegistryCredentials =
  | { readonly username: string; readonly password: string }
  /** An OAuth 2 refresh token, which some credential helpers store instead of a password. */
  | { readonly identityToken: string };

/** The fields of `~/.docker/config.json` that are read here. Source: https://docs.docker.com/reference/cli/docker/login/ */
interface DockerConfig {
  readonly auths?: Readonly<Record<string, { readonly auth?: string; readonly identitytoken?: string }>>;
  readonly credsStore?: string;
  readonly credHelpers?: Readonly<Record<string, string>>;
}

/** The name of Docker Hub in Docker's configuration. */
const DOCKER_HUB = 'https://index.docker.io/v1/';

/** The answer of a credential helper without credentials for a host. Source: docker/docker-credential-helpers. */
const NOT_FOUND = 'credentials not found in native keychain';

/**
 * The credentials that `docker login` stored for a registry, in `config.json` or a credential helper; undefined if there are
 * none, so that public images can be read without an account.
 *
 * @param host - such as `ghcr.io`.
 * @throws {FailedError} when the configuration cannot be read or its helper fails.
 */
export async function dockerCredentials(
  host: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<RegistryCredentials | undefined> {
  const { auths = {}, credsStore, credHelpers = {} } = await readConfig(env);
  const names = host === 'docker.io' ? [DOCKER_HUB, 'docker.io', 'index.docker.io'] : [host, `https://${host}`];
  const helper = names.map((name) => credHelpers[name]).find(Boolean) ?? credsStore;
  if (helper) return askHelper(helper, names[0] ?? host, env);
  const { auth, identitytoken } = names.map((name) => auths[name]).find(Boolean) ?? {};
  if (identitytoken) return { identityToken: identitytoken };
  if (!auth) return undefined;
  const [username = '', ...password] = Buffer.from(auth, 'base64').toString().split(':');
  return { username, password: password.join(':') };
}

async function readConfig(env: NodeJS.ProcessEnv): Promise<DockerConfig> {
  const file = join(env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? homedir(), '.docker'), 'config.json');
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw error;
  });
  try {
    return JSON.parse(text) as DockerConfig;
  } catch (error) {
    throw new FailedError(`could not read ${file}: ${(error as Error).message}; run docker login again`);
  }
}

/** A helper reads the server from standard input and prints JSON; the password is never an argument. */
async function askHelper(
  helper: string,
  server: string,
  env: NodeJS.ProcessEnv,
): Promise<RegistryCredentials | undefined> {
  const program = `docker-credential-${helper}`;
  const { code, stdout, stderr } = await run(program, ['get'], { env, input: server });
  if (code !== 0 && `${stdout}${stderr}`.includes(NOT_FOUND)) return undefined;
  if (code !== 0) throw new FailedError(`${program} get failed: ${stderr.trim() || stdout.trim()}; log in again`);
  const { Username = '', Secret = '' } = JSON.parse(stdout) as { Username?: string; Secret?: string };
  return Username === '<token>' ? { identityToken: Secret } : { username: Username, password: Secret };
}
