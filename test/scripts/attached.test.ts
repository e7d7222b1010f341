import { spawn } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

/** Node, since a shell cannot catch a signal that is ignored when it starts, as SIGHUP is below nohup. */
const COMMAND = `
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => { console.log('caught'); process.exit(9); });
  console.log('ready');
  setInterval(() => {}, 1000);
`;

test.each(['SIGTERM', 'SIGHUP'] as const)('%s is forwarded to the command, whose end is awaited', async (signal) => {
  const script =
    `require('${ROOT}/scripts/support/attached').runAttached('node', ['-e', ${JSON.stringify(COMMAND)}], process.env)` +
    `.then((code) => console.log('ended with ' + code))`;
  const child = spawn('node', ['-r', join(ROOT, 'register.cjs'), '-e', script], { cwd: ROOT });
  let said = '';
  for await (const chunk of child.stdout) {
    said += chunk;
    if (said === 'ready\n') child.kill(signal);
  }
  expect(said).toBe('ready\ncaught\nended with 9\n');
});
