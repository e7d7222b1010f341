import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where what the judges need is, or what is lacking. */
export interface Found {
  readonly folder: string;
  /** Why the tests are skipped. */
  readonly lacks?: string;
}

/** The folder of the providers' tables: FACTS_DIR. */
export function tables(env: NodeJS.ProcessEnv = process.env): Found {
  return found('FACTS_DIR', env['FACTS_DIR'], ['google.json', 'kubernetes.json', 'github.json']);
}

/** The folder of plans of the real google provider: REAL_PLANS_DIR, or `real-plans` next to FACTS_DIR. */
export function realPlans(env: NodeJS.ProcessEnv = process.env): Found {
  const next = env['FACTS_DIR'] && join(dirname(env['FACTS_DIR']), 'real-plans');
  return found('REAL_PLANS_DIR', env['REAL_PLANS_DIR'] ?? next, ['vpc-prod.json', 'vpc-staging.json']);
}

/** Says loudly that tests are skipped, and why. */
export function say(...words: string[]): void {
  process.stderr.write(`\ntest:facts: ${words.join(': ')}\n`);
}

function found(variable: string, folder: string | undefined, files: readonly string[]): Found {
  if (!folder) return { folder: '', lacks: `${variable} is not set; it names the folder of ${files.join(', ')}` };
  const missing = files.filter((file) => !existsSync(join(folder, file)));
  return { folder, ...(missing.length && { lacks: `${variable}, ${folder}, lacks ${missing.join(' and ')}` }) };
}
