import { readFileSync } from 'node:fs';
import { controlPath, readControl } from '../../delivery/gate/control';
import { type Approval, decide } from '../../delivery/gate/decide';
import { loadPlatform } from '../../platforms/load';

const control = readControl(
  loadPlatform('threads'),
  readFileSync(controlPath('threads'), 'utf8').replace('enabled: false # With true', 'enabled: true # With true'),
);
const subject = { platform: 'threads', environment: 'prod', service: 'nextjs', version: '8caff6f' };
const approval: Approval = { ...subject, approver: 'Jane', expires: '2026-02-01T00:00:00Z' };
const ask = (at: string, approvals: readonly Approval[]) =>
  decide(control, { ...subject, trigger: 'manual', approvals }, new Date(at));

test('prod deployed outside its window: denied though it is approved, unless the approval is for an emergency', () => {
  // The window is 10:00 to 18:00 in Taipei, from Monday to Friday.
  const [inside, evening, sunday] = ['2026-01-07T03:00:00Z', '2026-01-07T12:00:00Z', '2026-01-11T03:00:00Z'] as const;
  expect(ask(inside, [approval]).verdict).toBe('allow');
  for (const at of [evening, sunday]) {
    const { verdict, reasons } = ask(at, [approval]);
    expect(verdict).toBe('deny');
    expect(reasons.map(({ code }) => code)).toContain('outside-windows');
    expect(ask(at, [{ ...approval, emergency: 'the site is down' }]).verdict).toBe('allow');
  }
});
