import { spawn } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

test.each(['SIGTERM', 'SIGHUP'] as const)('%s is forwarded to the command, whose end is awaited', async (signal) => {
  const script =
    `require('${ROOT}/scripts/support/attached').runAttached('sh', ['-c', 'trap "echo caught; exit 9" TERM HUP; ` +
    `echo ready; while :; do sleep 0.05; done'], process.env).then((code) => console.log('ended with ' + code))`;
  const child = spawn('node', ['-r', join(ROOT, 'register.cjs'), '-e', script], { cwd: ROOT });
  let said = '';
  for await (const chunk of child.stdout) {
    said += chunk;
    if (said === 'ready\n') child.kill(signal);
  }
  expect(said).toBe('ready\ncaught\nended with 9\n');
});
