import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';

/** What holds credentials under a home folder. */
const CREDENTIALS = [
  '.aws',
  '.azure',
  '.cargo/credentials.toml',
  '.config/doctl',
  '.config/gcloud',
  '.config/gh',
  '.config/hcloud',
  '.config/op',
  '.docker',
  '.git-credentials',
  '.gnupg',
  '.kube',
  '.local/share/keyrings',
  '.netrc',
  '.npmrc',
  '.password-store',
  '.pypirc',
  '.ssh',
  '.terraform.d/credentials.tfrc.json',
  '.terraformrc',
  '.vault-token',
];

/** Sockets by which a user reaches daemons that act outside. */
const SOCKETS = ['/run/docker.sock', '/run/containerd/containerd.sock', '/run/podman/podman.sock'];

/** How commands are cut off from the machine that they run on. */
export interface Isolation {
  /** What holds, as a sentence. It claims nothing that was not tried. */
  readonly sentence: string;
  /** A command and its arguments, as they are to be called to run cut off. */
  wrap(line: readonly string[]): readonly string[];
}

/**
 * Finds out how far commands can be cut off here.
 *
 * The network is decided by what has started this process: see `isolated.sh`. In the user namespace that it makes, commands
 * get a mount namespace as well: home folders are read-only there, and files with credentials in them are empty.
 *
 * @param writable - folders that commands may write to, even where they are in a home folder.
 */
export function isolate(writable: readonly string[]): Isolation {
  const open = writable.filter(existsSync).map((folder) => realpathSync(folder));
  const closed = homes().filter((home) => !open.some((folder) => isWithin(home, folder)));
  const wrapper = inUserNamespace() ? wrapperThatWorks(mountScript(open, closed)) : undefined;
  const files = !wrapper
    ? 'they can read and write files of the home folder by absolute paths'
    : closed.length < homes().length
      ? 'credentials in the home folder are hidden'
      : 'the home folder is read-only, and credentials in it are hidden';
  return {
    sentence: `${networkSentence()}; ${files}`,
    wrap: (line) => [...(wrapper ?? []), ...line],
  };
}

/** What to put before a command, so that it runs after the script in a mount namespace. Older versions of unshare map no users. */
function wrapperThatWorks(script: string): readonly string[] | undefined {
  const inMountNamespace = ['unshare', '--mount', 'sh', '-c', `${script}exec "$@"`, 'sh'];
  return [[...inMountNamespace, ...asCaller()], inMountNamespace].find(
    ([program = '', ...args]) => spawnSync(program, [...args, 'true'], { stdio: 'ignore' }).status === 0,
  );
}

/** What keeps this process and its commands from the network, as a sentence. It claims nothing that was not checked. */
export function networkSentence(): string {
  const cutOff = Object.values(networkInterfaces()).every((addresses) => addresses?.every(({ internal }) => internal));
  return cutOff
    ? 'commands run with false credentials, and without a network'
    : 'commands run with false credentials, but a program that ignores proxy settings can reach the network';
}

/** Whether this process may mount: it is root of a user namespace, and not of the machine. */
function inUserNamespace(): boolean {
  const [inside, , count] = idMap('uid');
  return inside === 0 && count === 1;
}

/** Arguments that give a command the user and the group that the caller has outside. */
function asCaller(): string[] {
  return ['unshare', '--user', `--map-user=${idMap('uid')[1]}`, `--map-group=${idMap('gid')[1]}`];
}

/** Source: https://man7.org/linux/man-pages/man7/user_namespaces.7.html */
function idMap(kind: 'uid' | 'gid'): number[] {
  const file = `/proc/self/${kind}_map`;
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split(/\s+/).map(Number) : [];
}

/**
 * A shell script that restricts a mount namespace.
 *
 * @param open - folders that stay writable.
 * @param closed - home folders that become read-only around them.
 */
function mountScript(open: readonly string[], closed: readonly string[]): string {
  const hidden = homes().flatMap((home) => CREDENTIALS.map((name) => join(home, name)));
  const runtime = `/run/user/${idMap('uid')[1]}`;
  return [
    ...open
      .filter((folder) => closed.some((home) => isWithin(folder, home)))
      .map((folder) => `mount --bind ${quoted(folder)} ${quoted(folder)}`),
    ...closed.flatMap((home) => [
      `mount --rbind ${quoted(home)} ${quoted(home)}`,
      `mount -o remount,bind,${readOnly(mountOptions(home))} ${quoted(home)}`,
    ]),
    ...[...hidden, ...SOCKETS, runtime].filter(existsSync).map((path) => hide(realpathSync(path))),
  ]
    .map((line) => `${line} || exit 1\n`)
    .join('');
}

function hide(path: string): string {
  return statSync(path).isDirectory()
    ? `mount -t tmpfs -o ro,mode=0555 tmpfs ${quoted(path)}`
    : `mount --bind /dev/null ${quoted(path)}`;
}

/** Home folders of the user who started this: the one in the environment and the one that the system knows. */
function homes(): string[] {
  const [, user] = idMap('uid');
  const entries = existsSync('/etc/passwd') ? readFileSync('/etc/passwd', 'utf8').split('\n') : [];
  const known = entries.map((entry) => entry.split(':')).find(([, , id]) => Number(id) === user)?.[5];
  const found = [process.env['HOME'], known].filter((home) => home && home !== '/' && existsSync(home));
  return [...new Set(found.map((home) => realpathSync(String(home))))];
}

/** Options of the mount that holds a folder: a user namespace may not remove those that restrict. */
function mountOptions(folder: string): string {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
    .map(([, , , , point = '', options = '']) => ({ point: unescaped(point), options }))
    .filter(({ point }) => isWithin(folder, point));
  return mounts.sort((a, b) => a.point.length - b.point.length).at(-1)?.options ?? 'rw';
}

function readOnly(options: string): string {
  return options
    .split(',')
    .map((option) => (option === 'rw' ? 'ro' : option))
    .join(',');
}

/** mountinfo writes blanks and the like as `\040`. */
function unescaped(path: string): string {
  return path.replace(/\\(\d{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
