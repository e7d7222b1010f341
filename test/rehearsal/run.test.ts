import { renderPage } from '../../rehearsal/page';
import { Rehearsal, type Step } from '../../rehearsal/rehearsal';
import { runSteps } from '../../rehearsal/run';

/** A rehearsal whose steps touch neither clouds nor tools. */
function rehearsal(signal?: AbortSignal): Rehearsal {
  const ground = { now: () => 0, coverage: () => ({ checked: 0, accepted: 0 }) };
  return new Rehearsal({ name: 'threads' } as never, 'prod', ground as never, signal);
}

function steps(...names: readonly string[]): { ran: string[]; all: Step[] } {
  const ran: string[] = [];
  const all = names.map((name) => ({
    name,
    run: async () => {
      ran.push(name);
      if (name.startsWith('bad')) throw new Error(`reason of ${name}`);
      return undefined;
    },
  }));
  return { ran, all };
}

test('is ok when every step has passed', async () => {
  const { ran, all } = steps('one', 'two');
  const report = await runSteps(rehearsal(), all, { progress: 'silent' });
  expect(ran).toEqual(['one', 'two']);
  expect(report).toMatchObject({ ok: true, steps: [{ ok: true }, { ok: true }] });
  expect(report.failure).toBeUndefined();
});

test('stops at the first step that fails, and says which and why', async () => {
  const { ran, all } = steps('one', 'bad two', 'three');
  const report = await runSteps(rehearsal(), all, { progress: 'silent' });
  expect(ran).toEqual(['one', 'bad two']);
  expect(report).toMatchObject({
    ok: false,
    steps: [
      { name: 'one', ok: true },
      { name: 'bad two', ok: false },
    ],
    failure: { step: 'bad two', message: 'reason of bad two' },
  });
  expect(report.interrupted).toBeUndefined();
});

test('prints each finished step once, and a failed one as FAIL', async () => {
  const { all } = steps('one', 'bad two', 'three');
  const printed = jest.spyOn(console, 'log').mockImplementation();
  await runSteps(rehearsal(), all, { progress: 'lines' });
  expect(printed.mock.calls).toEqual([
    [expect.stringMatching(/^ +step +took +simulated +resources$/)],
    [expect.stringMatching(/^ok +one /)],
    [expect.stringMatching(/^FAIL +bad two /)],
    [expect.stringMatching(/^ +total /)],
  ]);
  printed.mockRestore();
});

test('a failed step is marked on the page, with its reason', async () => {
  const { all } = steps('one', 'bad two');
  const page = renderPage(await runSteps(rehearsal(), all, { progress: 'silent' }));
  expect(page).toContain('<strong class="failed">Failed</strong> at “bad two”');
  expect(page).toContain('reason of bad two');
  expect(page).not.toContain('>Passed<');
  const outcomes = [...page.matchAll(/class="outcome (\w+)">(\w+)<\/td><th[^>]*>([^<]+)/g)].map(
    ([, ...found]) => found,
  );
  expect(outcomes).toEqual([
    ['passed', 'ok', 'one'],
    ['failed', 'failed', 'bad two'],
  ]);
});

test('a signal between two steps ends the rehearsal before the next one', async () => {
  const controller = new AbortController();
  const { ran, all } = steps('one', 'two');
  const stop: Step = {
    name: 'stop',
    run: async () => {
      controller.abort(new Error('interrupted by SIGINT'));
      return undefined;
    },
  };
  const run = rehearsal(controller.signal);
  const report = await runSteps(run, [stop, ...all], { progress: 'silent', signal: controller.signal });
  expect(ran).toEqual([]);
  expect(report).toMatchObject({
    ok: false,
    interrupted: true,
    failure: { step: 'one', message: 'interrupted by SIGINT' },
  });
});
