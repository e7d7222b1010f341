import { run } from '../../clients/process';

test('runs a command that can be interrupted in a separate process group, so that it receives Ctrl-C once', async () => {
  const abort = new AbortController();
  const script = "process.once('SIGINT', () => process.exit(7)); console.log(process.pid); setInterval(() => {}, 1000)";
  let leads = false;
  const onOutput = (text: string) => {
    leads = process.kill(-Number(text), 0);
    abort.abort();
  };
  const { code } = await run(process.execPath, ['-e', script], { signal: abort.signal, onOutput });
  expect({ code, leads }).toEqual({ code: 7, leads: true });
});

test('names a command that is not installed', async () => {
  await expect(run('no-such-program', [])).rejects.toThrow('no-such-program is not installed, or not on PATH');
});

test('returns the output of a command that ends without reading its input', async () => {
  const { code } = await run('sh', ['-c', 'exit 3'], { input: 'more than a pipe holds'.repeat(100_000) });
  expect(code).toBe(3);
});

test.each([
  ['SIGKILL', 137],
  ['SIGTERM', 143],
] as const)('a command that %s ends has failed, and names it', async (signal, code) => {
  expect(await run('sh', ['-c', `kill -${signal.slice(3)} $$`])).toMatchObject({ code, signal });
});
