import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './sandbox-command';

/** A command line of `npm run <script>` that changes something without `--dry-run`. */
export interface DryRun {
  readonly words: readonly string[];
  /** Standard input. */
  readonly input?: string;
  /** Content of the platform's restore file. @default - no file */
  readonly restores?: object;
  /** True to add `--platform` and `--env`. @default true */
  readonly isOfEnvironment?: boolean;
  /** @default 0 */
  readonly code?: number;
  /** What it prints, to prove that it had something to do. */
  readonly prints: RegExp;
}

const newThings = { isOfEnvironment: false, prints: /would write/ };

/**
 * Dry runs of every command that has `--dry-run`, by its script, for `threads` prod in a sandbox: somebody holds the lock, a
 * snapshot exists, `ml-service` is pinned, and a label of the VM differs from its layer.
 *
 * @param source - a checkout of `nextjs` with a commit that is approved and not built yet
 * @param newer - a tag of `nextjs` in the registry that is newer than the deployed one
 */
export const dryRuns = (source: string, newer: string): Readonly<Record<string, readonly DryRun[]>> => ({
  accept: [{ words: [], prints: /./ }],
  apply: [{ words: ['--yes', '--layer', '00-vpc'], prints: /nothing was applied: --dry-run/ }],
  bootstrap: [{ words: [], prints: /would / }],
  cluster: [
    { words: ['install'], isOfEnvironment: false, prints: /would install/ },
    {
      words: ['delete', '--platform', 'real-estate', '--env', 'test'],
      isOfEnvironment: false,
      prints: /would delete hetzner-test-cluster/,
    },
  ],
  drift: [{ words: [], code: 4, prints: /labels/ }],
  drill: [{ words: ['--real'], prints: /would run: choose a snapshot/ }],
  gate: [{ words: ['approve', '--service', 'nextjs', '--tag', 'abc1234'], prints: /would approve/ }],
  images: [
    { words: ['build', 'nextjs', '--source', source], isOfEnvironment: false, prints: /would run/ },
    { words: ['push', 'nextjs', '--source', source], isOfEnvironment: false, prints: /would run/ },
  ],
  kubeconfig: [{ words: [], prints: /would write/ }],
  lock: [
    { words: ['take', '--reason', 'maintenance'], prints: /would take/ },
    { words: ['release', '--owner', 'somebody', '--run', '1.1'], prints: /would release: .* is held by somebody/ },
    { words: ['break', '--reason', 'it has died'], prints: /would break: .* is held by somebody/ },
  ],
  'new-environment': [{ words: ['threads', 'trial', '--like', 'staging', '--cidr', '10.77.0.0/24'], ...newThings }],
  'new-platform': [{ words: ['trial', '--like', 'threads'], ...newThings }],
  'new-service': [{ words: ['threads', 'trial', '--port', '8100'], ...newThings }],
  notify: [{ words: ['build', 'started', '--service', 'nextjs', '--tag', 'abc1234'], prints: /would post/ }],
  'plan-comment': [
    {
      words: ['--results', 'results', '--head-sha', '0123abc', '--repository', 'acme/platform'],
      isOfEnvironment: false,
      prints: /prod/,
    },
  ],
  restore: [
    { words: [], prints: /would restore/ },
    {
      words: ['--finish'],
      restores: { prod: { generation: 2, snapshot: 's', previous: { generation: 1 } } },
      prints: /boot-g1 would be deleted/,
    },
    {
      words: ['--abandon'],
      restores: { prod: { generation: 2, snapshot: 's', previous: { generation: 1 } } },
      prints: /would return to disk threads-prod-vm-boot-g1/,
    },
  ],
  rollback: [{ words: ['nextjs', '--to', newer], prints: /would pin/ }],
  secret: [{ words: ['set', 'postgres-password'], input: 'another-password', prints: /would add a version/ }],
  ship: [{ words: ['nextjs', '--source', source], prints: /would run .*would change/s }],
  // `prune` needs a snapshot that has expired, see recovery.test.ts.
  snapshot: [{ words: ['make'], prints: /would create/ }],
  state: [{ words: ['doctor', '--heal', '--layer', '00-vpc'], prints: /00-vpc/ }],
  tag: [
    // The tag that the rollback brought back is older than the repository of the service.
    { words: ['set', '--service', 'nextjs', '--tag', newer], code: 3, prints: /names no commit/ },
    { words: ['pin', '--service', 'nextjs', '--tag', newer, '--reason', 'slow'], prints: /planned/ },
    { words: ['unpin', '--service', 'ml-service'], prints: /planned/ },
  ],
  validate: [{ words: ['--platform', 'techtorque', '--write'], isOfEnvironment: false, prints: /would write/ }],
  workflows: [{ words: ['--write'], isOfEnvironment: false, prints: /would write/ }],
});

/** The scripts that have an option `--dry-run`. */
export function scriptsWithDryRun(): string[] {
  return readdirSync(join(ROOT, 'scripts'))
    .filter((file) => file.endsWith('.ts') && readFileSync(join(ROOT, 'scripts', file), 'utf8').includes("'--dry-run'"))
    .map((file) => file.replace('.ts', ''))
    .sort();
}

/** Contents of all files below a folder, by path. kubectl caches what the API server offers, whatever a command does. */
export function filesBelow(folder: string): Record<string, string> {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && !entry.parentPath.includes('/.kube/cache'),
  );
  return Object.fromEntries(
    found.map((entry) => [
      join(entry.parentPath, entry.name),
      readFileSync(join(entry.parentPath, entry.name), 'utf8'),
    ]),
  );
}
