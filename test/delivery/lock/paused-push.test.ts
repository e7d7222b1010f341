import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../clients/clock';
import type { GitRefStore } from '../../../delivery/git/git-ref-store';
import { DeploymentLock } from '../../../delivery/lock/deployment-lock';
import { LockLostError } from '../../../delivery/lock/held-lock';
import { git, Remote } from '../git/repositories';

const MAIN = 'refs/heads/main';
const lockOn = (store: GitRefStore) =>
  new DeploymentLock({ store, clock: systemClock, platform: 'threads', env: 'prod' });

let remote: Remote;
beforeEach(() => {
  remote = new Remote();
});
afterEach(() => remote.close());

/** git runs this after the remote has listed its refs, and before it sends its update. */
function betweenAdvertisementAndUpdate(store: GitRefStore, command: string): void {
  const hooks = join(store.folder, 'hooks');
  mkdirSync(hooks, { recursive: true });
  writeFileSync(join(hooks, 'pre-push'), `#!/bin/sh\n${command}\n`, { mode: 0o755 });
}

test('a client that is stopped within its push while the lock is taken over writes neither ref', async () => {
  const head = await remote.commit({ 'k8s/kustomization.yaml': 'images: []\n' });
  const [slow, thief] = [await remote.open(), await remote.open()];
  const held = await lockOn(slow).take({ owner: 'todo-api', run: '1' });
  const lock = lockOn(thief);
  await lock.break({ owner: 'jane', run: 'manual' }, 'dead');
  const stolen = git(remote.path, 'rev-parse', lock.ref);
  // The slow client still sees its own lock in the advertisement.
  git(remote.path, 'update-ref', lock.ref, `${stolen}^`);
  betweenAdvertisementAndUpdate(slow, `git --git-dir=${remote.path} update-ref ${lock.ref} ${stolen}`);
  await slow.read(MAIN);
  const author = { name: 'a', email: 'a@example.com' };
  const files = new Map([['k8s/kustomization.yaml', 'images: [late]\n']]);
  const next = await slow.commit({ parent: head, author, date: new Date(), message: 'late', files });
  await expect(held.write([{ ref: MAIN, expected: head, next }])).rejects.toBeInstanceOf(LockLostError);
  expect(git(remote.path, 'rev-parse', MAIN, lock.ref).split('\n')).toEqual([head, stolen]);
});

test('without the lock ref in the same push, the late write would be done', async () => {
  const head = await remote.commit({ a: '1' });
  const [slow, thief] = [await remote.open(), await remote.open()];
  await lockOn(slow).take({ owner: 'todo-api', run: '1' });
  await lockOn(thief).break({ owner: 'jane', run: 'manual' }, 'dead');
  await slow.read(MAIN);
  const author = { name: 'a', email: 'a@example.com' };
  const next = await slow.commit({
    parent: head,
    author,
    date: new Date(),
    message: 'late',
    files: new Map([['a', '2']]),
  });
  expect(await slow.push([{ ref: MAIN, expected: head, next }])).toBe('pushed');
});

test('a branch that moves within the push leaves the lock ref where it is, and the lock held', async () => {
  const head = await remote.commit({ a: '1' });
  const slow = await remote.open();
  const held = await lockOn(slow).take({ owner: 'todo-api', run: '1' });
  const before = git(remote.path, 'rev-parse', lockOn(slow).ref);
  const theirs = await remote.commit({ a: 'theirs' });
  git(remote.path, 'update-ref', MAIN, head);
  betweenAdvertisementAndUpdate(slow, `git --git-dir=${remote.path} update-ref ${MAIN} ${theirs}`);
  await slow.read(MAIN);
  const author = { name: 'a', email: 'a@example.com' };
  const next = await slow.commit({
    parent: head,
    author,
    date: new Date(),
    message: 'mine',
    files: new Map([['a', '2']]),
  });
  expect(await held.write([{ ref: MAIN, expected: head, next }])).toBe('stale');
  expect(git(remote.path, 'rev-parse', MAIN, lockOn(slow).ref).split('\n')).toEqual([theirs, before]);
});
