import { readdirSync } from 'node:fs';
import { MemoryRefStore } from '../../../delivery/git/memory-ref-store';
import type { RefStore } from '../../../delivery/git/ref-store';
import { Remote } from './repositories';

const author = { name: 'a', email: 'a@example.com' };
const MAIN = 'refs/heads/main';
const LOCK = 'refs/strata/locks/threads-prod';

/** Two clients of one remote. */
interface Pair {
  readonly one: RefStore;
  readonly other: RefStore;
  close(): void;
}

async function onDisk(): Promise<Pair> {
  const remote = new Remote();
  return { one: await remote.open(), other: await remote.open(), close: () => remote.close() };
}

async function inMemory(): Promise<Pair> {
  const store = new MemoryRefStore();
  return { one: store, other: store, close: () => undefined };
}

// What the exhaustive tests find in memory holds for Git as far as both pass these.
describe.each([
  ['a real remote', onDisk],
  ['memory', inMemory],
])('refs in %s', (_, open) => {
  let pair: Pair;
  beforeEach(async () => {
    pair = await open();
  });
  afterEach(() => pair.close());

  const draft = (message: string, files: Record<string, string | null>, parent?: string) => ({
    ...{ parent, author, date: new Date(0), message },
    files: new Map(Object.entries(files)),
  });

  test('are null where they do not exist', async () => {
    expect(await pair.one.read(MAIN, LOCK)).toEqual({ [MAIN]: null, [LOCK]: null });
  });

  test('are created, and read by another client together with their commits', async () => {
    const { one, other } = pair;
    const first = await one.commit(draft('first\n', { 'k8s/a.yaml': 'a\n', 'b.yaml': 'bé\r\n' }));
    const lock = await one.commit({ author, date: new Date(0), message: 'lock\n\nOwner: x\n', files: 'empty' });
    const updates = [
      { ref: MAIN, expected: null, next: first },
      { ref: LOCK, expected: null, next: lock },
    ];
    expect(await one.push(updates)).toBe('pushed');
    expect(await other.read(MAIN, LOCK)).toEqual({ [MAIN]: first, [LOCK]: lock });
    expect(await other.message(lock)).toBe('lock\n\nOwner: x\n');
    expect(await other.file(first, 'b.yaml')).toBe('bé\r\n');
    expect(await other.file(first, 'gone.yaml')).toBeUndefined();
  });

  test('move together or not at all', async () => {
    const { one, other } = pair;
    const first = await one.commit(draft('first', { a: '1' }));
    const second = await one.commit(draft('second', { a: '2' }, first));
    const locks = [await one.commit(draft('l1', {})), await one.commit(draft('l2', {}))];
    await one.push([{ ref: MAIN, expected: null, next: first }]);
    await one.push([{ ref: LOCK, expected: null, next: locks[0] as string }]);
    const { [LOCK]: held } = await other.read(LOCK);
    const stolen = await other.commit(draft('stolen', {}, held ?? undefined));
    await other.push([{ ref: LOCK, expected: held, next: stolen }]);
    const write = [
      { ref: MAIN, expected: first, next: second },
      { ref: LOCK, expected: locks[0] as string, next: locks[1] as string },
    ];
    expect(await one.push(write)).toBe('stale');
    expect(await one.read(MAIN, LOCK)).toEqual({ [MAIN]: first, [LOCK]: stolen });
  });

  test('that are to be new are not overwritten', async () => {
    const { one, other } = pair;
    const mine = await one.commit(draft('mine', {}));
    const theirs = await other.commit(draft('theirs', {}));
    expect(await other.push([{ ref: LOCK, expected: null, next: theirs }])).toBe('pushed');
    expect(await one.push([{ ref: LOCK, expected: null, next: mine }])).toBe('stale');
  });

  test('that are already where they are to go count as pushed, whatever was expected', async () => {
    const { one } = pair;
    const first = await one.commit(draft('first', { a: '1' }));
    const second = await one.commit(draft('second', { a: '2' }, first));
    await one.push([{ ref: MAIN, expected: null, next: first }]);
    await one.push([{ ref: MAIN, expected: first, next: second }]);
    expect(await one.push([{ ref: MAIN, expected: first, next: second }])).toBe('pushed');
  });

  test('tell which commits changed a file, and which descend from which', async () => {
    const { one, other } = pair;
    const first = await one.commit(draft('first\n', { a: '1', b: '1' }));
    const second = await one.commit(draft('second\n\nService: x\n', { b: '2' }, first));
    const third = await one.commit(draft('third\n', { a: null }, second));
    await one.push([{ ref: MAIN, expected: null, next: third }]);
    await other.read(MAIN);
    expect((await other.log(third, 'a', 9)).map(({ id }) => id)).toEqual([third, first]);
    expect(await other.log(third, 'b', 1)).toEqual([
      {
        id: second,
        author: 'a',
        date: expect.stringMatching(/^1970-01-01T00:00:00(\.000)?(Z|\+00:00)$/),
        message: 'second\n\nService: x\n',
      },
    ]);
    expect([await other.descends(third, first), await other.descends(first, third)]).toEqual([true, false]);
    expect([await other.file(third, 'a'), await other.file(third, 'b')]).toEqual([undefined, '2']);
  });
});

test('a checkout has the trees of a commit, and nothing else of the repository', async () => {
  const remote = new Remote();
  const commit = await remote.commit({ 'k8s/a/b.yaml': 'a: 1\n', 'source/k8s/c.txt': 'c\n', 'd.txt': 'd\n' });
  const store = await remote.open();
  await store.read(MAIN);
  const folder = await store.checkout(commit);
  expect(readdirSync(folder, { recursive: true }).sort()).toEqual(['k8s', 'k8s/a', 'k8s/a/b.yaml']);
  expect(await store.checkout(commit)).toBe(folder);
  await expect(store.checkout('0'.repeat(40))).rejects.toThrow(/read-tree failed/);
  remote.close();
});
