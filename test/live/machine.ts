import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../manifests/checks/sources';

/** What the start-up script needs from a Debian image besides the essential packages. */
const PACKAGES = ['ca-certificates', 'curl', 'diffutils', 'openssl', 'systemd'];

/** Where the simulated edges of a machine are, on it: commands in `bin`, what runs in `running`. */
const EDGES = 'edges';

/**
 * systemctl as an edge: `enable` is the real one, which works without a running systemd. What a unit is started with, its
 * definition as of the last reload and what k0s reads, is written down as `running/<unit>`.
 */
const SYSTEMCTL = `#!/bin/bash
set -euo pipefail
state=/${EDGES}
unit=\${*: -1}
case $unit in *.service | *.timer) ;; *) unit=$unit.service ;; esac
run() {
  mkdir -p $state/running
  [ -e "$state/loaded/$unit" ] || { echo "Unit $unit not found." >&2; exit 5; }
  cat "$state/loaded/$unit" >$state/running/$unit
  case $unit in k0s*) sha256sum /usr/local/bin/k0s /etc/k0s/*.yaml /usr/local/libexec/strata/* >>$state/running/$unit ;; esac
}
load() { rm -rf $state/loaded; mkdir $state/loaded; cp /etc/systemd/system/*.{service,timer} $state/loaded/ 2>/dev/null || true; }
case $1 in
  boot)
    rm -rf $state/running
    load
    for unit in $(find /etc/systemd/system -path '*.wants/*' -lname '/etc/systemd/system/*' -printf '%f\\n'); do run; done
    ;;
  daemon-reload) load ;;
  enable)
    # A unit file that nobody has loaded is loaded when it is first named.
    [ -e "$state/loaded/$unit" ] || load
    /usr/bin/systemctl enable --quiet "$unit"
    if [ "\${2:-}" = --now ] && ! [ -e $state/running/$unit ]; then run; fi
    ;;
  restart) run ;;
  start) [ -e $state/running/$unit ] || run ;;
  *) echo "systemctl $*: not simulated" >&2; exit 1 ;;
esac
`;

/** curl as an edge: every download is the release. */
const CURL = `#!/bin/bash
while [ "$1" != --output ]; do shift; done
cp /${EDGES}/release "$2"
`;

/** Read by bash before the script: kills it before its command number $KILL_AT, and counts its commands. */
const KILL = `strata_step=0
unset BASH_ENV
set -o functrace
trap 'if [ "$BASHPID" = "$$" ]; then strata_step=$((strata_step + 1)); if [ "$strata_step" = "$KILL_AT" ]; then kill -KILL "$$"; fi; fi' DEBUG
trap 'echo "$strata_step" >/${EDGES}/steps' EXIT
`;

/** A release of k0s as an edge: writes the unit that \`k0s install\` writes, and refuses what that refuses. */
export function release(version: string): { readonly text: string; readonly sha256: string } {
  const text = `#!/bin/bash
# k0s ${version}
set -euo pipefail
[ "$1 $2" = "install controller" ] || { echo "k0s $*: not simulated" >&2; exit 1; }
shift 2
unit=/etc/systemd/system/k0scontroller.service
case " $* " in *" --force "*) ;; *) ! [ -e $unit ] || { echo "Error: Init already exists: $unit" >&2; exit 1; } ;; esac
flags=
for flag; do case $flag in --force) ;; *) flags+=" \\"$flag\\"" ;; esac; done
printf '[Unit]\\nDescription=k0s - Zero Friction Kubernetes\\n\\n[Service]\\nExecStart=/usr/local/bin/k0s controller%s\\nRestart=always\\n\\n[Install]\\nWantedBy=multi-user.target\\n' "$flags" >$unit
`;
  return { text, sha256: createHash('sha256').update(text).digest('hex') };
}

/** The root of a Debian release, by debootstrap, once: about two minutes and 270 MB. */
export function debian(suite: string): string {
  const root = join(ROOT, 'node_modules/.cache/strata', `debian-${suite}`);
  if (existsSync(root)) return root;
  mkdirSync(join(root, '..'), { recursive: true });
  const args = ['--variant=minbase', `--include=${PACKAGES.join(',')}`, suite, `${root}.${process.pid}`];
  execFileSync('debootstrap', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  renameSync(`${root}.${process.pid}`, root);
  return root;
}

/** A machine whose disk is a Debian root with changes of its own. Everything it starts ends with the command. */
export class Machine {
  private readonly disk: string;

  /** @param home - an empty folder for what the machine changes. */
  constructor(
    private readonly root: string,
    private readonly home: string,
  ) {
    this.disk = join(home, 'disk');
    for (const folder of ['disk', 'work', 'mounted']) mkdirSync(join(home, folder));
    mkdirSync(join(this.disk, EDGES, 'bin'), { recursive: true });
    for (const [name, text] of Object.entries({ systemctl: SYSTEMCTL, curl: CURL, kill: KILL }))
      this.write(join(EDGES, 'bin', name), text);
  }

  /** Puts a file on the disk. */
  write(path: string, text: string): void {
    writeFileSync(join(this.disk, path), text, { mode: 0o755 });
  }

  /** What systemd does before the start-up script: it starts what is enabled. */
  powerOn(): void {
    const { status, stderr } = this.run(['systemctl', 'boot']);
    if (status !== 0) throw new Error(`the machine does not boot: ${stderr}`);
  }

  /**
   * Runs the start-up script, with the release of k0s that it downloads.
   *
   * @param killAt - number of the script's command before which it is killed. @default - it is not
   * @returns its exit status; null where it was killed.
   */
  startUp(script: string, k0s: string, killAt = 0): { status: number | null; stderr: string } {
    this.write(join(EDGES, 'release'), k0s);
    this.write(join(EDGES, 'start-up'), script);
    const { status, stderr } = this.run(['bash', `/${EDGES}/start-up`], {
      BASH_ENV: `/${EDGES}/bin/kill`,
      KILL_AT: String(killAt),
    });
    return { status: status === 137 ? null : status, stderr };
  }

  /** How many commands the last script that came to its end had. */
  get steps(): number {
    return Number(readFileSync(join(this.disk, EDGES, 'steps'), 'utf8'));
  }

  /** Every file that differs from Debian's, with its mode, and what runs with which files. */
  state(): Record<string, string> {
    const isTemporary = (path: string) => /^(edges\/(?!running|$)|tmp\/|var\/tmp\/|run\/)/.test(path);
    const walk = (folder: string): [string, string][] =>
      readdirSync(join(this.disk, folder), { withFileTypes: true }).flatMap((entry): [string, string][] => {
        const path = join(folder, entry.name);
        if (isTemporary(`${path}/`)) return [];
        if (entry.isDirectory()) return walk(path);
        if (entry.isSymbolicLink()) return [[path, readlinkSync(join(this.disk, path))]];
        // Overlayfs marks what was deleted by a device; what Debian did not have is as if it had never been there.
        if (!entry.isFile()) return [];
        const mode = (lstatSync(join(this.disk, path)).mode & 0o777).toString(8);
        return [[path, `${mode} ${readFileSync(join(this.disk, path), 'utf8')}`]];
      });
    return Object.fromEntries(walk('.').sort(([a], [b]) => a.localeCompare(b)));
  }

  /** Runs a command on the machine. */
  run(command: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const mount = [
      'mount -t overlay overlay -o "lowerdir=$0,upperdir=$1/disk,workdir=$1/work" "$1/mounted"',
      'mount -t proc proc "$1/mounted/proc"',
      'mount -t tmpfs tmpfs "$1/mounted/tmp"',
      'mount -t devtmpfs devtmpfs "$1/mounted/dev" || mount --bind /dev "$1/mounted/dev"',
      'cd "$1/mounted"',
      'shift',
      // Not the shell's last command, since the first process of a namespace cannot be killed from within.
      '{ chroot . "$@"; exit $?; }',
    ].join(' && ');
    const args = ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', mount, this.root, this.home, ...command];
    const PATH = `/${EDGES}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
    return spawnSync('unshare', args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8', env: { PATH, ...env } });
  }
}
