import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Checkout, type Ended, problemWith, type Wanted } from './checkout';
import type { Row, Trial } from './trial';

/** Seconds after which nothing that a command has started may still run. */
const GRACE = 15;

const KEPT = ['rehearsal.html', 'rehearsal.json', 'rehearsal.log'];

/** Signals, closed pipes and full disks, at a moment when there is something to lose. */
export function signalsAndEnds(checkout: () => Checkout): Row {
  const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
  const moments: readonly (readonly [name: string, script: string, args: readonly string[], begun: RegExp])[] = [
    ['a command in the sandbox', 'sandbox', ['sh', '-c', 'echo begun; sleep 60'], /begun/],
    [
      'terraform in the sandbox',
      'sandbox',
      // With the clouds of the trial before, it would have nothing to create and end before the signal.
      ['--fresh', 'npx', 'cdktf', 'deploy', 'vpc-prod', '--auto-approve'],
      /Creating\.\.\./,
    ],
    ['a rehearsal', 'rehearse', ['--report', 'reports'], /ok +synthesise/],
  ];
  const ended = moments.flatMap(([what, script, args, begun]) =>
    Object.entries(signals).flatMap(([signal, code]) =>
      ['group', 'process'].map(
        (whom): Trial => ({
          name: `${signal} to ${what}, to its ${whom}`,
          run: async () => {
            const one = checkout();
            keepReport(one);
            const result = await one.script(script, args, {
              // terraform may finish what it has begun: a whole layer, on a busy machine.
              patience: 300,
              disturb: ({ pid, output }) =>
                void when(begun, output).then(() => end(whom === 'group' ? -pid : pid, signal as NodeJS.Signals)),
            });
            const codes = script === 'rehearse' ? [130] : [code, 130, 143, 129, 1];
            // cdktf draws its progress with control characters.
            const drawn = args.includes('cdktf');
            return problemWith(result, { codes, drawn }) ?? changedReport(one) ?? (await leftBehind(one));
          },
        }),
      ),
    ),
  );
  const killed: Trial = {
    name: 'SIGKILL, and at once the next start',
    run: async () => {
      const one = checkout();
      await one.script('sandbox', ['sh', '-c', 'echo begun; sleep 60'], {
        disturb: ({ pid, output }) => void when(/begun/, output).then(() => end(-pid, 'SIGKILL')),
      });
      return problemWith(await one.script('sandbox', ['true']), { codes: [0] }) ?? (await leftBehind(one));
    },
  };
  const shell = (name: string, line: string, wanted: Wanted): Trial => ({
    name,
    run: async () => {
      const one = checkout();
      return problemWith(await one.run('bash', ['-c', line], { patience: 240 }), wanted) ?? (await leftBehind(one));
    },
  });
  const node = `${process.execPath} -r ./register.cjs`;
  const pipes = [
    shell('a reader that ends early: --types', `set -o pipefail; ${node} scripts/sandbox.ts --types | head -1`, {
      codes: [0],
    }),
    shell('a reader that ends early: platform', `set -o pipefail; ${node} scripts/platform.ts --json | head -1`, {
      codes: [0],
    }),
    shell('a reader that ends early: help', `set -o pipefail; ${node} scripts/ship.ts --help | true`, { codes: [0] }),
    shell('a reader that ends early: rehearse', `set -o pipefail; ${node} scripts/rehearse.ts 2>&1 | head -3`, {
      codes: [0],
    }),
    shell('a full disk: standard output', `${node} scripts/platform.ts > /dev/full`, {
      codes: [1],
      says: /cannot write the output/,
    }),
    shell('a full disk: standard error', `${node} scripts/platform.ts --nope 2> /dev/full`, {
      codes: [2, 1],
      silent: true,
    }),
    shell('standard output closed', `${node} scripts/platform.ts >&-`, { codes: [0, 1] }),
  ];
  return {
    name: 'signals, closed pipes and full disks',
    trials: [...ended, killed, ...pipes, fullDisk(checkout), readOnly(checkout)],
  };
}

/** The clouds, and then the report, on a disk of a few kilobytes. */
function fullDisk(checkout: () => Checkout): Trial {
  return {
    name: 'a full disk: the simulated clouds',
    run: async () => {
      const one = checkout();
      return onMount(one, 'size=400k', async (folder) =>
        problemWith(
          await one.script(
            'sandbox',
            ['--directory', join(folder, 'clouds'), 'npx', 'cdktf', 'deploy', 'vpc-prod', '--auto-approve'],
            { patience: 120 },
          ),
          {
            codes: [1, 2],
            says: /ENOSPC|no space/i,
          },
        ),
      );
    },
  };
}

function readOnly(checkout: () => Checkout): Trial {
  return {
    name: 'a report folder that cannot be written to',
    run: async () => {
      const one = checkout();
      return onMount(one, 'ro', async (folder) =>
        problemWith(await one.script('rehearse', ['--report', folder]), {
          codes: [2],
          says: /cannot write reports to/,
        }),
      );
    },
  };
}

async function onMount(one: Checkout, options: string, use: (folder: string) => Promise<string | undefined>) {
  const folder = join(one.root, 'mounted');
  mkdirSync(folder, { recursive: true });
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { encoding: 'utf8' });
  if (status !== 0) return `could not be tried: ${stderr.trim()}; run it where mount is allowed`;
  try {
    return (await use(folder)) ?? (await leftBehind(one));
  } finally {
    spawnSync('umount', [folder]);
  }
}

/** What a trial has left: processes, a lock. */
async function leftBehind(one: Checkout): Promise<string | undefined> {
  for (const deadline = Date.now() + GRACE * 1000; one.orphans().length > 0 && Date.now() < deadline; )
    await setTimeout(200);
  const [orphan] = one.orphans();
  if (orphan) {
    end(Number.parseInt(orphan, 10), 'SIGKILL');
    return `left a process: ${orphan.slice(0, 150)}`;
  }
  const locks = existsSync(join(one.root, '.sandbox'))
    ? readdirSync(join(one.root, '.sandbox')).filter((name) => {
        const lock = join(one.root, '.sandbox', name, 'lock');
        return existsSync(lock) && readdirSync(lock).length > 0;
      })
    : [];
  if (locks.length > 0) return `left the lock of ${locks.join(', ')}`;
  return undefined;
}

/** @returns which files of the last report are not as they were. */
function changedReport(one: Checkout): string | undefined {
  const changed = KEPT.filter((name) => readFileSync(join(one.root, 'reports', name), 'utf8') !== 'kept');
  return changed.length > 0 ? `changed ${changed.join(', ')}` : undefined;
}

/** Sends a signal, to a process that may have ended by now. */
function end(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function keepReport(one: Checkout): void {
  mkdirSync(join(one.root, 'reports'), { recursive: true });
  for (const name of KEPT) writeFileSync(join(one.root, 'reports', name), 'kept');
}

async function when(pattern: RegExp, output: () => string): Promise<void> {
  for (const deadline = Date.now() + 90_000; !pattern.test(output()) && Date.now() < deadline; ) await setTimeout(50);
}

/** A sandbox whose files were damaged: it starts, or says what is wrong, and --fresh always helps. */
export function corruptedSandboxes(checkout: () => Checkout): Row {
  const texts = ['', '{', '{}', '[]', 'null', '{"version":2}', '\u0000\u0001'];
  const files = ['world.json', 'sandbox.json', 'git/remotes.json', 'home/.gitconfig'];
  const start = (one: Checkout, ...args: string[]): Promise<Ended> =>
    one.script('sandbox', ['--directory', 'clouds', ...args, 'true']);
  const damage = (name: string, hurt: (one: Checkout) => void, helps: boolean): Trial => ({
    name,
    run: async () => {
      const one = checkout();
      rmSync(join(one.root, 'clouds'), { recursive: true, force: true });
      await start(one);
      hurt(one);
      const problem = problemWith(await start(one), { codes: [0, 1, 2, 3] });
      if (problem || !helps) return problem;
      const again = problemWith(await start(one, '--fresh'), { codes: [0] });
      return again && `with --fresh: ${again}`;
    },
  });
  const inClouds = (one: Checkout, path: string) => join(one.root, 'clouds', path);
  return {
    name: 'a damaged .sandbox and .cache',
    trials: [
      ...files.flatMap((file) =>
        texts.map((text) =>
          damage(
            `${file}: ${JSON.stringify(text)}`,
            (one) => writeFileSync(inClouds(one, file), text),
            file !== 'sandbox.json',
          ),
        ),
      ),
      ...['world.json', 'git', 'home', 'providers'].map((name) =>
        damage(`${name} is missing`, (one) => rmSync(inClouds(one, name), { recursive: true, force: true }), true),
      ),
      ...['git', 'home', 'providers', 'lock'].map((name) =>
        damage(
          `${name} is a file`,
          (one) => {
            rmSync(inClouds(one, name), { recursive: true, force: true });
            writeFileSync(inClouds(one, name), 'x');
          },
          name !== 'lock',
        ),
      ),
      damage(
        'world.json is a folder',
        (one) => {
          rmSync(inClouds(one, 'world.json'));
          mkdirSync(inClouds(one, 'world.json'));
        },
        true,
      ),
      ...['', 'x', '\u0000'.repeat(1000)].map((text) =>
        damage(
          `.cache: ${JSON.stringify(text.slice(0, 5))}`,
          (one) => {
            for (const name of readdirSync(join(one.root, '.cache')))
              writeFileSync(join(one.root, '.cache', name), text);
          },
          true,
        ),
      ),
      damage(
        '.cache: one byte in the middle',
        (one) => {
          for (const name of readdirSync(join(one.root, '.cache'))) {
            const bytes = readFileSync(join(one.root, '.cache', name));
            bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 0xff;
            writeFileSync(join(one.root, '.cache', name), bytes);
          }
        },
        true,
      ),
    ],
  };
}

/** Time that passes in the sandbox: it never goes back, and its length is as asked for. */
export function clocks(checkout: () => Checkout): Row {
  const moment = async (one: Checkout, span: string): Promise<{ ended: Ended; at: number }> => {
    const ended = await one.script('sandbox', ['--directory', 'clocks', '--advance', span]);
    return { ended, at: Date.parse(/it is (\S+) now/.exec(ended.stderr)?.[1] ?? '') };
  };
  const spans: Readonly<Record<string, number>> = {
    '0s': 0,
    '1s': 1,
    '59m': 3540,
    '1h': 3600,
    '2h30m': 9000,
    '1d': 86_400,
    '30d': 2_592_000,
  };
  return {
    name: 'clocks',
    trials: Object.entries(spans).map(([span, seconds]) => ({
      name: `--advance ${span}`,
      run: async () => {
        const one = checkout();
        const before = await moment(one, '1s');
        const { ended, at } = await moment(one, span);
        const passed = (at - before.at) / 1000;
        return (
          problemWith(ended, { codes: [0] }) ??
          (passed >= seconds && passed < seconds + 600 ? undefined : `${passed} s passed`)
        );
      },
    })),
  };
}
