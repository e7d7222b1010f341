import { type BootstrapResult, bootstrap, type Foundation } from '../../bootstrap/bootstrap';
import type { LayerId } from '../../contracts/layers';
import { stackId } from '../../contracts/layers';
import { loadPlatform } from '../../platforms/load';
import { firstServicesOf } from '../../platforms/schema/first-services';
import type { PlanSummary } from '../../terraform/plan';

const threads = loadPlatform('threads');
const SERVICES = firstServicesOf(threads);
const EMPTY = { added: 0, changed: 0, destroyed: 0, replaced: [], forgotten: [], changes: [], empty: true };

/** A Google project and GitHub in memory, in which the Nth outside call can be cut off: before it is done, or its answer. */
class Ground {
  readonly services = new Set<string>();
  bucket = false;
  readonly applied = new Set<string>();
  readonly said: string[] = [];
  readonly stacksPlanned: string[] = [];
  /** Stacks with a resource that a killed run has created and not written to the state. */
  readonly orphans = new Set<string>();
  calls = 0;
  private cut: { readonly at: number; readonly answered: boolean } | undefined;
  private plans: Readonly<Record<string, Partial<PlanSummary>>> = {};

  cutOff(at: number, answered: boolean): void {
    this.calls = 0;
    this.cut = { at, answered };
  }

  planned(plans: Ground['plans']): this {
    this.plans = plans;
    return this;
  }

  /** What exists. */
  state() {
    return { services: [...this.services].sort(), bucket: this.bucket, applied: [...this.applied].sort() };
  }

  run(env = 'prod', options: { readonly dryRun?: boolean; readonly platform?: Foundation['platform'] } = {}) {
    const { dryRun = false, platform = threads } = options;
    const foundation: Foundation = {
      platform,
      env,
      cloud: {
        disabled: (names) => this.call(() => names.filter((name) => !this.services.has(name))),
        enable: (names) =>
          this.call(() => {
            for (const name of names) this.services.add(name);
          }),
        hasBucket: () => this.call(() => this.bucket),
        createBucket: () =>
          this.call(() => {
            const created = !this.bucket;
            this.bucket = true;
            return created;
          }),
      },
      stack: (layer, of) => this.stack(layer, of),
      adopt: async (layer, of) => {
        this.orphans.delete(stackId(layer, of));
      },
      undeployed: async (layer, of) => (this.applied.has(stackId(layer, of)) ? undefined : 3),
      say: (line) => this.said.push(line),
    };
    return bootstrap(foundation, dryRun);
  }

  private stack(layer: LayerId, env: string): ReturnType<Foundation['stack']> {
    const id = stackId(layer, env);
    return {
      id,
      plan: () =>
        this.call(() => {
          this.stacksPlanned.push(id);
          if (!this.bucket) throw new Error('the backend has no bucket');
          return this.applied.has(id) ? EMPTY : { ...EMPTY, added: 3, empty: false, ...this.plans[id] };
        }),
      apply: () =>
        this.call(() => {
          if (this.orphans.has(id)) throw new Error('Error 409: Service account x already exists');
          this.applied.add(id);
        }),
      outputs: () =>
        this.call((): Record<string, unknown> => (this.applied.has(id) ? { missing_secrets: 'web:A web:prod:B' } : {})),
    };
  }

  private async call<T>(work: () => T): Promise<T> {
    const cut = ++this.calls === this.cut?.at ? this.cut : undefined;
    if (cut && !cut.answered) throw new Error('killed');
    const result = work();
    if (cut) throw new Error('killed');
    return result;
  }
}

const DONE = { services: SERVICES, bucket: true, applied: ['bootstrap-prod', 'github-prod'] };

test('an empty project gets services, bucket, identities and settings, and a second run changes nothing', async () => {
  const ground = new Ground();
  const first = await ground.run();
  expect(first).toMatchObject({ services: SERVICES, bucket: 'created', missingSecrets: ['web:A', 'web:prod:B'] });
  expect(first.stacks.map(({ stack, outcome }) => `${stack} ${outcome}`)).toEqual([
    'bootstrap-prod applied',
    'github-prod applied',
  ]);
  expect(ground.state()).toEqual(DONE);
  const second = await ground.run();
  expect(second).toMatchObject({ services: [], bucket: 'existed' });
  expect(second.stacks.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged']);
});

describe('killed at an outside call and run again, it ends the same', () => {
  test.each([
    ['before the call', false],
    ['before its answer', true],
  ])('%s, for every call', async (_, answered) => {
    const whole = new Ground();
    await whole.run();
    expect(whole.calls).toBeGreaterThan(8);
    for (let at = 1; at <= whole.calls; at++) {
      const ground = new Ground();
      ground.cutOff(at, answered);
      await expect(ground.run()).rejects.toThrow('killed');
      ground.cutOff(0, false);
      await ground.run();
      expect({ at, ...ground.state() }).toEqual({ at, ...DONE });
      const again: BootstrapResult = await ground.run();
      expect(again.stacks.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged']);
    }
  });
});

test('a dry run creates nothing, and says what waits for what', async () => {
  const ground = new Ground();
  const result = await ground.run('prod', { dryRun: true });
  expect(result.bucket).toBe('would be created');
  expect(result.stacks.map(({ outcome }) => outcome)).toEqual(['waiting', 'waiting']);
  expect(ground.state()).toEqual({ services: [], bucket: false, applied: [] });
  expect(ground.said.at(-1)).toBe('github-prod: not planned, waits for what comes before it');
  ground.bucket = true;
  const planned = await ground.run('prod', { dryRun: true });
  expect(planned.stacks.map(({ outcome }) => outcome)).toEqual(['would change', 'waiting']);
  // Terraform would have written an empty state for the plan.
  expect(ground.said).toContain('bootstrap-prod: would have 3 created, 0 updated');
  expect(ground.stacksPlanned).toEqual([]);
  expect(ground.applied.size).toBe(0);
});

test('a plan that destroys something is refused, and not applied', async () => {
  const lost = { address: 'google_service_account.plan_account', change: { actions: ['delete'] } };
  const ground = new Ground().planned({
    'bootstrap-prod': { destroyed: 1, changes: [lost as unknown as PlanSummary['changes'][number]] },
  });
  await expect(ground.run()).rejects.toMatchObject({
    exitCode: 3,
    message:
      'bootstrap-prod: the plan destroys google_service_account.plan_account, and bootstrap only adds and updates; ' +
      'if that is wanted, deploy the stack yourself: npx cdktf deploy bootstrap-prod',
  });
  expect(ground.applied.size).toBe(0);
});

test('an environment that reads what another one creates comes after it', async () => {
  const ground = new Ground();
  await expect(ground.run('staging')).rejects.toThrow(
    'bootstrap-staging needs what bootstrap-prod creates for all environments; ' +
      'run it first: npm run bootstrap -- --platform threads --env prod',
  );
  await ground.run('prod');
  await ground.run('staging');
  expect([...ground.applied].sort()).toEqual(['bootstrap-prod', 'bootstrap-staging', 'github-prod', 'github-staging']);
});

test('an environment with local states needs no bootstrap, and says so', async () => {
  await expect(new Ground().run('local')).rejects.toMatchObject({
    exitCode: 2,
    message:
      'environment "local" of platform "threads" keeps its states on this machine, so workflows never reach it: it needs no bootstrap',
  });
});

test('where CI applies manifests, an environment has settings on GitHub and no identities', async () => {
  const ground = new Ground();
  const platform = loadPlatform('real-estate');
  await ground.run('prod', { platform });
  const { stacks } = await ground.run('test', { platform });
  expect(stacks.map(({ stack }) => stack)).toEqual(['github-test']);
});

test('what a killed run created without writing it to the state is imported', async () => {
  const ground = new Ground();
  ground.orphans.add('bootstrap-prod');
  await ground.run();
  expect(ground.state()).toEqual(DONE);
  expect(ground.orphans.size).toBe(0);
});
