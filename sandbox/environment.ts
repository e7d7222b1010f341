import { accessSync, constants, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * What a command inherits from the person who started it. An allow-list: whatever is not named here, a credential of a
 * service that this list does not know, stays outside.
 */
const INHERITED = [
  'PATH',
  'LANG',
  'LANGUAGE',
  'LC_ALL',
  'LC_CTYPE',
  'TZ',
  'TERM',
  'COLORTERM',
  'COLUMNS',
  'LINES',
  'NO_COLOR',
  'FORCE_COLOR',
  'CI',
  'TMPDIR',
  'SHELL',
  'USER',
  'LOGNAME',
  'TF_LOG',
  'STRATA_DEBUG',
] as const;

/** A port without a listener: what tries to reach outside by a proxy or a daemon ends here. */
const NOWHERE = '127.0.0.1:9';

/** Recognisable in a log, and refused by every real service. */
export const FALSE_TOKEN = 'sandbox-token-worth-nothing';

/** Where the parts of a sandbox are. */
export interface EnvironmentOptions {
  /** The sandbox's directory, which exists: all that terraform and cdktf write is below it. */
  readonly directory: string;
  /** HOME of the commands: a folder of the sandbox's own. */
  readonly home: string;
  /** Folder of the replacements for programs that would reach outside: `gcloud`, `docker`, `ssh`, ... */
  readonly shims: string;
  /** The one HTTP server behind every endpoint: `http://127.0.0.1:PORT`. */
  readonly baseUrl: string;
  /** What its clients must present: first in the path, or at the end of a bearer token. */
  readonly token: string;
  /** Value of `TF_REATTACH_PROVIDERS`. */
  readonly reattach: string;
  /** @default - the environment of this process */
  readonly inherited?: NodeJS.ProcessEnv;
}

/**
 * The whole environment of a command inside the sandbox. It holds no real credential and finds none under its HOME;
 * connections to the outside fail.
 *
 * Endpoints of our own commands, each the root that a client puts its paths behind:
 *
 * | variable | API |
 * | --- | --- |
 * | `STRATA_SANDBOX` | the sandbox itself: `/kubeconfig`, `/clock`, `/slack` |
 * | `STRATA_COMPUTE_ENDPOINT` | Compute Engine v1 |
 * | `STRATA_SECRET_MANAGER_ENDPOINT` | Secret Manager v1 |
 * | `STRATA_SERVICE_USAGE_ENDPOINT` | Service Usage v1 |
 * | `STRATA_SCHEDULER_ENDPOINT` | Cloud Scheduler v1 |
 * | `STRATA_STORAGE_ENDPOINT` | Cloud Storage JSON v1 |
 * | `STRATA_MONITORING_ENDPOINT` | Cloud Monitoring v3 |
 * | `STRATA_SLACK_ENDPOINT` | Slack Web API |
 * | `STRATA_REGISTRY_ENDPOINT` | OCI distribution v2, for every registry: the host goes into `?ns=` |
 */
export function sandboxEnvironment(options: EnvironmentOptions): NodeJS.ProcessEnv {
  const { home, shims, baseUrl, token, inherited = process.env } = options;
  const kept = Object.fromEntries(INHERITED.flatMap((name) => (inherited[name] ? [[name, inherited[name]]] : [])));
  const root = `${baseUrl}/${token}/`;
  return {
    ...kept,
    PATH: [shims, inherited['PATH'] ?? '/usr/local/bin:/usr/bin:/bin'].join(delimiter),
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    KUBECONFIG: join(home, '.kube', 'config'),
    CLOUDSDK_CONFIG: join(home, '.config', 'gcloud'),
    DOCKER_CONFIG: join(home, '.docker'),
    STRATA_SANDBOX: `${baseUrl}/${token}`,
    STRATA_COMPUTE_ENDPOINT: root,
    STRATA_SECRET_MANAGER_ENDPOINT: root,
    STRATA_SERVICE_USAGE_ENDPOINT: root,
    STRATA_SCHEDULER_ENDPOINT: root,
    STRATA_STORAGE_ENDPOINT: root,
    STRATA_MONITORING_ENDPOINT: root,
    STRATA_REGISTRY_ENDPOINT: root,
    STRATA_SLACK_ENDPOINT: root,
    SLACK_BOT_TOKEN: FALSE_TOKEN,
    GITHUB_TOKEN: FALSE_TOKEN,
    ...terraform(options, inherited['PATH'] ?? ''),
    ...git(home),
    ...outside(shims),
  };
}

/**
 * Terraform's access to the sandbox, and where it and cdktf write: a local state of the platform is relative to the
 * folder that it is synthesised to. cdktf would download providers to lock them, so that step is skipped.
 */
function terraform(
  { directory, home, shims, baseUrl, token, reattach }: EnvironmentOptions,
  path: string,
): NodeJS.ProcessEnv {
  const folder = realpathSync(directory);
  const output = join(folder, 'cdktf.out');
  return {
    TF_REATTACH_PROVIDERS: reattach,
    GOOGLE_BACKEND_STORAGE_CUSTOM_ENDPOINT: `${baseUrl}/storage/v1/`,
    // Its client of Cloud Storage keeps only the host of the endpoint in some of its calls.
    GOOGLE_OAUTH_ACCESS_TOKEN: `${FALSE_TOKEN}-${token}`,
    STRATA_SANDBOX_DIRECTORY: folder,
    STRATA_SANDBOX_TERRAFORM: findProgram('terraform', path, shims),
    CDKTF_OUTPUT: output,
    CDKTF_OUTDIR: output,
    // It finds the real home without HOME.
    CDKTF_HOME: join(home, '.cdktf'),
    CDKTF_SKIP_PROVIDER_LOCK: 'true',
    DISABLE_VERSION_CHECK: 'true',
    CHECKPOINT_DISABLE: '1',
    // terraform and kubectl end before they have used much memory: collecting it takes a quarter of their time.
    GOGC: '400',
  };
}

/** A sandbox may be started inside another one, and must not take a shim for the program. */
function findProgram(name: string, path: string, shims: string): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== shims)
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Git reads no configuration but the sandbox's, which redirects every remote to a local repository. */
function git(home: string): NodeJS.ProcessEnv {
  return {
    GIT_CONFIG_GLOBAL: join(home, '.gitconfig'),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: 'file',
  };
}

/** For what a program finds without configuration: a metadata server, a daemon's socket, the internet. */
function outside(shims: string): NodeJS.ProcessEnv {
  const proxy = `http://${NOWHERE}`;
  const loopback = 'localhost,127.0.0.1,::1';
  return {
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
    ALL_PROXY: proxy,
    NO_PROXY: loopback,
    http_proxy: proxy,
    https_proxy: proxy,
    all_proxy: proxy,
    no_proxy: loopback,
    GCE_METADATA_HOST: NOWHERE,
    METADATA_SERVER_DETECTION: 'none',
    AWS_EC2_METADATA_DISABLED: 'true',
    DOCKER_HOST: `tcp://${NOWHERE}`,
    // cdktf gives its app this much memory, but only where NODE_OPTIONS is not set; otherwise it warns at each command.
    NODE_OPTIONS: `--require ${quotedForNode(join(shims, 'loopback-only.cjs'))} --max-old-space-size=4096`,
  };
}

/** Source: https://nodejs.org/docs/latest-v20.x/api/cli.html#node_optionsoptions */
function quotedForNode(path: string): string {
  return `"${path.replace(/[\\"]/g, '\\$&')}"`;
}
