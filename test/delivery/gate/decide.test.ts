import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parse } from 'yaml';
import { type Control, readControl } from '../../../delivery/gate/control';
import { type Approval, decide, type GateRequest, isAsleepOnly } from '../../../delivery/gate/decide';
import { DAYS } from '../../../delivery/gate/hours';
import { explained } from '../../../delivery/gate/words';
import { loadPlatform } from '../../../platforms/load';
import { plainlyWithin, plainTime } from './plain-clock';

/** A Monday, 10:00 in Taipei. */
const NOW = new Date('2026-01-05T02:00:00Z');

const approval: Approval = {
  platform: 'threads',
  environment: 'test',
  service: 'nextjs',
  version: '8caff6f',
  approver: 'Alice',
  expires: '2026-01-05T03:00:00Z',
};

const request: GateRequest = {
  platform: 'threads',
  environment: 'test',
  service: 'nextjs',
  version: '8caff6f',
  trigger: 'manual',
  approvals: [],
};

/** Everything that the table changes, by its values. */
const STATES = {
  kill: [false, true],
  enabled: [true, false],
  automatic: [true, false],
  service: [true, false],
  serviceAutomatic: [true, false],
  approvalAsked: [false, true],
  serviceApprovalAsked: [undefined, true],
  windows: ['off', 'open', 'closed'],
  trigger: ['manual', 'push'],
  approved: ['no', 'yes', 'expired', 'emergency', 'expired emergency'],
  power: [undefined, 'awake', 'asleep'],
} as const;

type State = { [Key in keyof typeof STATES]: (typeof STATES)[Key][number] };

function* states(): Generator<State> {
  const keys = Object.keys(STATES) as (keyof State)[];
  const count = keys.reduce((product, key) => product * STATES[key].length, 1);
  for (let index = 0; index < count; index++) {
    let rest = index;
    const picked = keys.map((key) => {
      const values = STATES[key];
      const value = values[rest % values.length];
      rest = Math.floor(rest / values.length);
      return [key, value];
    });
    yield Object.fromEntries(picked) as State;
  }
}

const hours = (isOpen: boolean) => ({ from: isOpen ? '09:00' : '11:00', to: '18:00' });

function controlOf(state: State): Control {
  return {
    global: { auto_deploy: !state.kill },
    environments: {
      test: {
        enabled: state.enabled,
        auto_deploy: state.automatic,
        require_manual_approval: state.approvalAsked,
        deployment_windows: {
          enabled: state.windows !== 'off',
          time_zone: 'Asia/Taipei',
          windows: [{ days: ['mon'], ...hours(state.windows === 'open') }],
        },
        services: {
          nextjs: {
            enabled: state.service,
            auto_deploy: state.serviceAutomatic,
            require_approval: state.serviceApprovalAsked,
            rollback_on_failure: false,
          },
        },
      },
    },
  };
}

function requestOf({ trigger, approved, power }: State): GateRequest {
  const { from: start, to: stop } = hours(power === 'awake');
  return {
    ...request,
    trigger,
    approvals:
      approved === 'no'
        ? []
        : [
            {
              ...approval,
              ...(approved.startsWith('expired') && { expires: '2026-01-05T02:00:00Z' }),
              ...(approved.endsWith('emergency') && { emergency: 'sign-in is broken' }),
            },
          ],
    power: power && { start, stop, timeZone: 'Asia/Taipei' },
  };
}

/** The codes against it, by reading each rule once. */
function against(state: State): string[] {
  const counts = state.approved === 'yes' || state.approved === 'emergency';
  const rules: [holds: boolean, code: string][] = [
    [state.kill, 'kill-switch'],
    [!state.enabled, 'environment-disabled'],
    [!state.service, 'service-disabled'],
    [state.trigger === 'push' && !state.automatic, 'automatic-off'],
    [state.trigger === 'push' && !state.serviceAutomatic, 'automatic-off'],
    [state.windows === 'closed' && state.approved !== 'emergency', 'outside-windows'],
    [(state.approvalAsked || state.serviceApprovalAsked === true) && !counts, 'not-approved'],
    [state.power === 'asleep', 'asleep'],
  ];
  return rules.filter(([holds]) => holds).map(([, code]) => code);
}

test('in every state, every rule that is against it is a reason, and nothing else', () => {
  let count = 0;
  for (const state of states()) {
    const decision = decide(controlOf(state), requestOf(state), NOW);
    const codes = decision.reasons.filter(({ effect }) => effect !== 'allow').map(({ code }) => code);
    const wanted = against(state);
    const verdict = wanted.length === 0 ? 'allow' : String(wanted) === 'not-approved' ? 'needs-approval' : 'deny';
    if (String(codes) !== String(wanted) || decision.verdict !== verdict) {
      throw new Error(
        `${JSON.stringify(state)}: got ${decision.verdict} by ${codes}, expected ${verdict} by ${wanted}`,
      );
    }
    if (isAsleepOnly(decision) !== (String(wanted) === 'asleep')) throw new Error(JSON.stringify(state));
    count++;
  }
  expect(count).toBe(Object.values(STATES).reduce((product, values) => product * values.length, 1));
});

test('every reason says what, why, until when, and who may override it', () => {
  const states = { kill: true, enabled: false, service: false, trigger: 'push', windows: 'closed', power: 'asleep' };
  const state = { automatic: false, serviceAutomatic: false, approvalAsked: true, approved: 'no', ...states } as State;
  const decision = decide(controlOf({ ...state, serviceApprovalAsked: true }), requestOf(state), NOW);
  expect(explained('nextjs 8caff6f to test', decision)).toBe(`denied: nextjs 8caff6f to test
  denied: no service of threads may be deployed: the kill switch is on: global.auto_deploy is false
    until: it is set to true in platforms/threads/deploy-control.yaml
    override: nobody
  denied: test accepts no deployments: environments.test.enabled is false
    until: it is set to true in platforms/threads/deploy-control.yaml
    override: nobody
  denied: nextjs may not be deployed to test: environments.test.services.nextjs.enabled is false
    until: it is set to true in platforms/threads/deploy-control.yaml
    override: nobody
  denied: a push does not deploy nextjs to test: environments.test.auto_deploy is false
    until: it is set to true in platforms/threads/deploy-control.yaml
    override: a person starts the deployment
  denied: a push does not deploy nextjs to test: environments.test.services.nextjs.auto_deploy is false
    until: it is set to true in platforms/threads/deploy-control.yaml
    override: a person starts the deployment
  denied: test is closed: environments.test.deployment_windows has mon 11:00-18:00 Asia/Taipei
    until: Mon 2026-01-05 11:00 Asia/Taipei
    override: a person: npm run gate -- approve --platform threads --env test --service nextjs --tag 8caff6f --emergency "<reason>"
  needs approval: no approval for nextjs 8caff6f for test: environments.test.require_manual_approval and environments.test.services.nextjs.require_approval are true
    until: a person has approved it
    override: a person: npm run gate -- approve --platform threads --env test --service nextjs --tag 8caff6f
  denied: the cluster of test is asleep: its power schedule is 11:00 to 18:00 Asia/Taipei
    until: 11:00 Asia/Taipei
    override: nobody`);
});

const prod = {
  platform: 'threads',
  environment: 'prod',
  service: 'nextjs',
  version: '8caff6f',
  trigger: 'push',
} as const;
const threads = (change: (text: string) => string = (text) => text) =>
  readControl(loadPlatform('threads'), change(readFileSync('platforms/threads/deploy-control.yaml', 'utf8')));

test('what an emergency overrides is said with its reason, and an approval with its approver', () => {
  const open = threads((text) => text.replace('enabled: false', 'enabled: true'));
  const approvals = [
    { ...approval, environment: 'prod', expires: '2026-01-05T13:00:00Z', emergency: 'sign-in is broken' },
  ];
  const night = new Date('2026-01-05T12:00:00Z');
  expect(explained('nextjs 8caff6f to prod', decide(open, { ...prod, trigger: 'manual', approvals }, night))).toBe(
    `allowed: nextjs 8caff6f to prod
  allowed: the deployment windows of prod are overridden for nextjs 8caff6f: emergency of Alice: sign-in is broken
    until: 2026-01-05T13:00:00Z
  allowed: Alice has approved nextjs 8caff6f for prod: environments.prod.require_manual_approval is true
    until: 2026-01-05T13:00:00Z`,
  );
});

test('an approval that has expired is named', () => {
  const approvals = [{ ...approval, environment: 'prod', expires: '2026-01-05T01:00:00Z' }];
  const [reason] = decide(threads(), { ...prod, trigger: 'manual', approvals }, NOW).reasons;
  expect(reason?.what).toBe(
    'no approval for nextjs 8caff6f for prod: the approval by Alice expired on 2026-01-05T01:00:00Z',
  );
});

test('production is not deployed by a push, approved or not', () => {
  const approvals = [{ ...approval, environment: 'prod' }];
  const { verdict, reasons } = decide(threads(), { ...prod, approvals }, NOW);
  expect(verdict).toBe('deny');
  expect(reasons[0]?.until).toBe('forever: production is never deployed automatically');
});

test.each<[string, Partial<Approval>]>([
  ['another platform', { platform: 'techtorque' }],
  ['another environment', { environment: 'staging' }],
  ['another service', { service: 'ml-service' }],
  ['another version', { version: '5d18c2f' }],
  ['another time', { expires: '2026-01-05T02:00:00Z' }],
  ['no time at all', { expires: 'never' }],
])('an approval of %s does not count', (_, change) => {
  const approvals = [{ ...approval, environment: 'prod', ...change }];
  expect(decide(threads(), { ...prod, trigger: 'manual', approvals }, NOW).verdict).toBe('needs-approval');
});

test.each([
  ['an environment', { environment: 'qa' }, 'environments.qa'],
  ['an environment named as what every object has', { environment: 'constructor' }, 'environments.constructor'],
  ['a service', { service: 'chat' }, 'environments.prod.services.chat'],
  ['a service named as what every object has', { service: '__proto__' }, 'environments.prod.services.__proto__'],
])('%s that the file does not list is denied', (_, change, missing) => {
  const { verdict, reasons } = decide(threads(), { ...prod, approvals: [], ...change }, NOW);
  expect(verdict).toBe('deny');
  expect(reasons.map(({ code, why }) => [code, why])).toEqual([
    ['not-listed', `${missing} is not in platforms/threads/deploy-control.yaml`],
  ]);
});

test('without a gate only the power schedule counts', () => {
  const power = { start: '11:00', stop: '18:00', timeZone: 'Asia/Taipei' };
  expect(decide(undefined, request, NOW)).toEqual({ verdict: 'allow', reasons: [] });
  const asleep = decide(undefined, { ...request, power }, NOW);
  expect(asleep.verdict).toBe('deny');
  expect(isAsleepOnly(asleep)).toBe(true);
});

/** A platform with one environment and one service, so that ten thousand files are read in seconds. */
const small = {
  name: 'threads',
  environments: { test: { delivery: { gate: true } } },
  services: { nextjs: {} },
  images: {},
} as unknown as Parameters<typeof readControl>[0];

const WRONG = fc.constantFrom('yes', null, 1, 'true');
const flag = fc.oneof({ weight: 40, arbitrary: fc.boolean() }, { weight: 1, arbitrary: WRONG });
const mostly = fc.oneof({ weight: 40, arbitrary: fc.constant(true) }, { weight: 8, arbitrary: flag });
const time = fc.oneof(
  {
    weight: 40,
    arbitrary: fc.tuple(fc.nat(23), fc.nat(59)).map((parts) => parts.map((n) => `${n}`.padStart(2, '0')).join(':')),
  },
  { weight: 1, arbitrary: fc.constantFrom('24:00', '7:00', '', '25:00') },
);
const zone = fc.constantFrom('Asia/Taipei', 'America/New_York', 'Europe/Berlin', 'UTC', 'Mars/Base');
const file = fc.record({
  global: fc.record({ auto_deploy: mostly }),
  environments: fc.record({
    test: fc.record({
      enabled: mostly,
      auto_deploy: mostly,
      require_manual_approval: flag,
      deployment_windows: fc.record(
        {
          enabled: flag,
          time_zone: zone,
          windows: fc.array(fc.record({ days: fc.uniqueArray(fc.constantFrom(...DAYS)), from: time, to: time }), {
            maxLength: 3,
          }),
        },
        { requiredKeys: ['enabled'] },
      ),
      services: fc.record({
        nextjs: fc.record(
          { enabled: mostly, auto_deploy: mostly, require_approval: flag, rollback_on_failure: flag },
          { requiredKeys: ['enabled', 'auto_deploy', 'rollback_on_failure'] },
        ),
      }),
    }),
  }),
});

const REFUSAL = /^platforms\/threads\/deploy-control\.yaml is not valid:\n {2}\S/;

/** What somebody who reads the file would say: `true` alone means yes. */
function plainlyAllowed(text: string, { trigger, approvals }: GateRequest, now: Date): boolean {
  const content = parse(text);
  const env = content?.environments?.test;
  const service = env?.services?.nextjs;
  const [approved] = approvals.filter(({ expires }) => new Date(expires) > now);
  const windows = env?.deployment_windows;
  const isOpen = () => {
    const time = plainTime(now.getTime(), windows.time_zone);
    return windows.windows.some((span: { days: string[]; from: string; to: string }) => plainlyWithin(time, span));
  };
  return [
    content?.global?.auto_deploy === true,
    env?.enabled === true,
    service?.enabled === true,
    trigger === 'manual' || (env.auto_deploy === true && service.auto_deploy === true),
    windows?.enabled === false || approved?.emergency !== undefined || isOpen(),
    (env?.require_manual_approval === false && !service?.require_approval) || approved !== undefined,
  ].every((holds) => holds);
}

test('of ten thousand files, each is refused or decided as a plain reading does', () => {
  const verdicts = { allow: 0, deny: 0, 'needs-approval': 0, refused: 0 };
  fc.assert(
    fc.property(
      file,
      fc.constantFrom('manual' as const, 'push' as const),
      fc.constantFrom([], [approval], [{ ...approval, emergency: 'sign-in is broken' }]),
      fc.date({ min: new Date('2025-01-01'), max: new Date('2027-01-01'), noInvalidDate: true }),
      (content, trigger, approvals, now) => {
        // JSON is YAML.
        const text = JSON.stringify(content);
        const asked = { ...request, trigger, approvals };
        let control: Control;
        try {
          control = readControl(small, text);
        } catch (error) {
          const { message } = error as Error;
          if (!REFUSAL.test(message)) throw error;
          verdicts.refused++;
          return;
        }
        const { verdict } = decide(control, asked, now);
        verdicts[verdict]++;
        // `expect` takes longer than the decision.
        const isAllowed = verdict === 'allow';
        if (isAllowed !== plainlyAllowed(text, asked, now)) expect(isAllowed).toBe(!isAllowed);
      },
    ),
    { numRuns: 10_000 },
  );
  for (const count of Object.values(verdicts)) expect(count).toBeGreaterThan(50);
});
