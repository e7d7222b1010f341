import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const ROOT = join(__dirname, '..', '..');

/** What a program has printed, and how it has ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly tooLong: boolean;
}

/** How a program is run. */
export interface Call {
  readonly env?: NodeJS.ProcessEnv;
  /** Seconds until it counts as one that never ends. @default 60 */
  readonly patience?: number;
  /** Ends or disturbs it. `output` is what it has printed so far. @default - it ends by itself */
  readonly disturb?: (child: { readonly pid: number; output(): string }) => void;
}

/** A copy of this checkout, which trials may damage. */
export class Checkout {
  constructor(readonly root: string) {
    const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    for (const file of files
      .split('\0')
      .filter((name) => name && !name.startsWith('test/') && existsSync(join(ROOT, name)))) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      cpSync(join(ROOT, file), join(root, file));
    }
    symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
    const git = (...words: string[]) =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...words], { cwd: root });
    git('init', '--quiet');
    git('add', '--all');
    git('commit', '--quiet', '--message=all');
  }

  /** Puts all files back. */
  reset(): void {
    execFileSync('git', ['checkout', '--quiet', '--force', '.'], { cwd: this.root });
    execFileSync('git', ['clean', '--quiet', '-fd', 'platforms', 'k8s'], { cwd: this.root });
  }

  /** Runs a command of this project. */
  script(name: string, args: readonly string[], call: Call = {}): Promise<Ended> {
    return this.run(process.execPath, ['-r', './register.cjs', `scripts/${name}.ts`, ...args], call);
  }

  /** Runs a program in a process group to its end. */
  run(program: string, args: readonly string[], { env, patience = 60, disturb }: Call = {}): Promise<Ended> {
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, {
        cwd: this.root,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          ...process.env,
          // It prints the problems of trials; commands would print stack traces, which no trial accepts.
          STRATA_DEBUG: '',
          STRATA_TRIAL: this.root,
          GOOGLE_APPLICATION_CREDENTIALS: '/nonexistent',
          ...env,
        },
      });
      let [stdout, stderr, tooLong] = ['', '', false];
      child.stdout.setEncoding('utf8').on('data', (text) => {
        stdout += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text) => {
        stderr += text;
      });
      const timer = setTimeout(() => {
        tooLong = true;
        process.kill(-(child.pid ?? 0), 'SIGKILL');
      }, patience * 1000);
      child.on('error', reject);
      child.on('close', (code, signal) => {
        clearTimeout(timer);
        resolve({ code: code ?? 128 + constants.signals[signal ?? 'SIGKILL'], stdout, stderr, tooLong });
      });
      if (child.pid) disturb?.({ pid: child.pid, output: () => stdout + stderr });
    });
  }

  /** Processes that trials of this checkout have left behind. */
  orphans(): string[] {
    const isOurs = (pid: string) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(this.root) && Number(pid) !== process.pid;
      } catch {
        return false;
      }
    };
    const line = (pid: string) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return readdirSync('/proc')
      .filter((pid) => /^\d+$/.test(pid) && isOurs(pid))
      .flatMap((pid) => {
        try {
          const name = line(pid);
          return name ? [`${pid} ${name}`] : [];
        } catch {
          return [];
        }
      });
  }
}

/** What a well-handled trial looks like. */
export interface Wanted {
  readonly codes: readonly number[];
  /** What the message says. @default - anything */
  readonly says?: RegExp;
  /** Whether it may say nothing, as where nothing can be written. @default false */
  readonly silent?: boolean;
  /** Whether another program draws on the terminal. @default false */
  readonly drawn?: boolean;
}

/** What a message must not contain: stack traces, internal errors, and control characters. */
const RAW =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to find.
  /^\s+at .*[:(]\d+|TypeError|is not a function|Cannot read prop|\[object Object\]|\bERR_[A-Z]|node:internal|Node\.js v\d|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/m;

/** What is wrong with how a program has ended; undefined when nothing is. */
export function problemWith(
  { code, stdout, stderr, tooLong }: Ended,
  { codes, says, silent, drawn }: Wanted,
): string | undefined {
  const said = `${stdout}${stderr}`;
  const start = JSON.stringify(said.trim().slice(0, 300));
  if (tooLong) return `it does not end; it said ${start}`;
  if (!codes.includes(code)) return `exit code ${code}, expected ${codes.join(' or ')}; it said ${start}`;
  const raw = RAW.exec(drawn ? stripVTControlCharacters(said) : said);
  if (raw) return `it said ${JSON.stringify(raw[0])} in ${start}`;
  if (code !== 0 && !silent && stderr.trim() === '' && stdout.trim() === '') return `exit code ${code} without a word`;
  if (says && !says.test(said)) return `it did not say ${says}, but ${start}`;
  return undefined;
}
