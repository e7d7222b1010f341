import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { lockDirectory } from '../lock';
import { temporaryFolder } from './helpers/folder';

const ROOT = resolve(__dirname, '../..');
const REGISTER = join(ROOT, 'register.cjs');
const ROUNDS = 200;
const STARTERS = 3;

const folder = temporaryFolder();

/** A directory whose lock has a holder. */
function heldBy(name: string, holder: string): string {
  const directory = join(folder, name);
  mkdirSync(join(directory, 'lock'), { recursive: true });
  writeFileSync(join(directory, 'lock', holder), '');
  return directory;
}

test.each([
  ['that has ended', `${2 ** 22 + 1}-1-a`],
  ['whose number another one has now', `${process.pid}-1-b`],
])('the lock of a process %s is taken over', async (name, holder) => {
  const directory = heldBy(name, holder);
  const unlock = await lockDirectory(directory);
  expect(readdirSync(join(directory, 'lock'))).toEqual([expect.stringMatching(new RegExp(`^${process.pid}-\\d+-`))]);
  unlock();
  expect(readdirSync(directory)).toEqual(['lock']);
});

test('the lock of a process that is killed is taken over, even while its parent does not notice', async () => {
  const directory = join(folder, 'zombie');
  mkdirSync(directory);
  const held = `require('${ROOT}/sandbox/lock').lockDirectory('${directory}').then(() => console.log('held'))`;
  // exec leaves the child to a program that never asks how it ended.
  const script = `node -r ./register.cjs -e "${held}; setInterval(() => {}, 1000)" & echo $!; exec sleep 60`;
  const parent = spawn('sh', ['-c', script], { cwd: ROOT });
  let said = '';
  for await (const chunk of parent.stdout) {
    said += chunk;
    if (said.includes('held')) break;
  }
  process.kill(parseInt(said, 10), 'SIGKILL');
  (await lockDirectory(directory))();
  parent.kill('SIGKILL');
  await once(parent, 'exit');
});

test('of many starters that find a dead holder one gets the lock, every time', async () => {
  const script = `
    const { lockDirectory } = require('${ROOT}/sandbox/lock');
    require('node:readline').createInterface(process.stdin).on('line', (line) => {
      const [task, directory] = line.split(' ');
      if (task === 'unlock') return console.log('free', unlock?.());
      unlock = undefined;
      lockDirectory(directory, 0).then((one) => console.log('held', (unlock = one)), () => console.log('refused'));
    });
    let unlock;
    console.log('ready');`;
  const starters = Array.from({ length: STARTERS }, () => {
    const child = spawn('node', ['-r', REGISTER, '-e', script], { cwd: ROOT });
    const answers: string[] = [];
    const waiting: ((answer: string) => void)[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.trim().split('\n')) {
        const wait = waiting.shift();
        if (wait) wait(line);
        else answers.push(line);
      }
    });
    const next = () =>
      new Promise<string>((done) => (answers.length > 0 ? done(answers.shift() ?? '') : waiting.push(done)));
    return { child, next, tell: (line: string) => child.stdin.write(`${line}\n`) };
  });
  try {
    for (const { next } of starters) expect(await next()).toBe('ready');
    for (let round = 0; round < ROUNDS; round++) {
      const directory = heldBy(`round-${round}`, `${2 ** 22 + 1}-1-x`);
      for (const { tell } of starters) tell(`lock ${directory}`);
      const answers = await Promise.all(starters.map(({ next }) => next()));
      expect(answers.filter((answer) => answer.startsWith('held'))).toHaveLength(1);
      for (const { tell } of starters) tell('unlock');
      await Promise.all(starters.map(({ next }) => next()));
    }
  } finally {
    for (const { child } of starters) child.kill('SIGKILL');
  }
}, 60_000);
