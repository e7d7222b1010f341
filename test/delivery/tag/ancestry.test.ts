import { execFileSync } from 'node:child_process';
import { seeded } from '../../../bench/delivery/schedules';
import { GitHistory } from '../../../delivery/git/git-history';
import { compareTags, isPlaceholder } from '../../../delivery/tag/ancestry';
import { git, Remote } from '../git/repositories';
import { MemoryHistory } from './histories';

/** A random graph: each commit has up to two parents among the earlier ones, some have none. */
function randomGraph(random: () => number, size: number): number[][] {
  return Array.from({ length: size }, (_, index) => {
    const count = index === 0 ? 0 : random() < 0.1 ? 0 : random() < 0.3 ? 2 : 1;
    return [...new Set(Array.from({ length: count }, () => Math.floor(random() * index)))];
  });
}

/** Every commit from which another one is reached, by the definition: the closure of the parents. */
function ancestorsOf(graph: readonly (readonly number[])[]): Set<number>[] {
  const closure: Set<number>[] = [];
  for (const [index, parents] of graph.entries()) {
    closure.push(new Set([index, ...parents.flatMap((parent) => [...(closure[parent] ?? [])])]));
  }
  return closure;
}

test('in 10,000 random graphs a tag moves forward exactly when its commit descends from the deployed one', async () => {
  const random = seeded(7);
  const counts: Record<string, number> = {};
  for (let round = 0; round < 10_000; round++) {
    const graph = randomGraph(random, 2 + Math.floor(random() * 12));
    const history = new MemoryHistory(graph);
    const closure = ancestorsOf(graph);
    const [deployed, wanted] = [Math.floor(random() * graph.length), Math.floor(random() * graph.length)];
    const { kind } = await compareTags(history.tag(deployed), history.tag(wanted), history);
    const forward = closure[wanted]?.has(deployed);
    const backward = closure[deployed]?.has(wanted);
    const expected = deployed === wanted ? 'same' : forward ? 'forward' : backward ? 'backward' : 'diverged';
    if (kind !== expected)
      throw new Error(`${JSON.stringify(graph)}: ${deployed} to ${wanted} is ${kind}, not ${expected}`);
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  for (const kind of ['same', 'forward', 'backward', 'diverged']) expect(counts[kind]).toBeGreaterThan(500);
});

test('Git answers for 20 random graphs as memory does', async () => {
  const remote = new Remote();
  const random = seeded(11);
  try {
    const graphs = Array.from({ length: 20 }, () => randomGraph(random, 6));
    // One stream of commits for all: every commit gets its own branch.
    const stream = graphs.flatMap((graph, g) =>
      graph.map((parents, index) => {
        const [first, second] = parents.map((parent) => `:${g * 6 + parent + 1}`);
        const links = `${first ? `from ${first}\n` : ''}${second ? `merge ${second}\n` : ''}`;
        const data = `graph ${g} commit ${index}`;
        return `commit refs/heads/g${g}-${index}\nmark :${g * 6 + index + 1}\ncommitter a <a@example.com> ${g * 6 + index} +0000\ndata ${data.length}\n${data}\n${links}`;
      }),
    );
    execFileSync('git', ['fast-import', '--quiet'], { cwd: remote.path, input: stream.join('') });
    const lines = git(remote.path, 'for-each-ref', '--format=%(refname:short) %(objectname)').split('\n');
    const heads = new Map(lines.map((line) => line.split(' ') as [string, string]));
    const history = await GitHistory.open(remote.url);
    for (const [g, graph] of graphs.entries()) {
      const ids = graph.map((_, index) => heads.get(`g${g}-${index}`));
      const memory = new MemoryHistory(graph, (index) => ids[index] ?? '');
      for (const pair of [
        [0, 5],
        [5, 0],
        [2, 4],
        [3, 3],
      ] as const) {
        const [deployed, wanted] = pair.map((index) => (ids[index] ?? '').slice(0, 7)) as [string, string];
        expect([g, pair, await compareTags(deployed, wanted, history)]).toEqual([
          ...[g, pair],
          await compareTags(deployed, wanted, memory),
        ]);
      }
    }
    history.close();
  } finally {
    remote.close();
  }
}, 60_000);

describe('other results than forward and backward', () => {
  const history = new MemoryHistory([[], [0]]);
  const [old = '', next = ''] = [history.tag(0), history.tag(1)];

  test.each([
    ['nothing deployed', undefined, next, { kind: 'first' }],
    ['the placeholder deployed', '0000000', next, { kind: 'first' }],
    ['the placeholder of a branch deployed', 'dev-0000000', next, { kind: 'first' }],
    ['the placeholder wanted', old, '0000000', { kind: 'placeholder' }],
    ['a commit on no branch wanted', old, 'fffffff', { kind: 'unknown-commit', tag: 'fffffff' }],
    ['a commit on no branch wanted first', undefined, 'fffffff', { kind: 'unknown-commit', tag: 'fffffff' }],
    ['a commit on no branch deployed', 'fffffff', next, { kind: 'unknown-commit', tag: 'fffffff' }],
    ['no commit wanted', old, 'latest', { kind: 'unknown-commit', tag: 'latest' }],
    ['branch and commit', `main-${old}`, `feature-x-${next}`, { kind: 'forward' }],
    ['the deployed tag again, of whatever commit', 'latest', 'latest', { kind: 'same' }],
  ])('%s', async (_, deployed, wanted, answer) => {
    expect(await compareTags(deployed, wanted, history)).toEqual(answer);
  });

  test('only zeros are a placeholder', () => {
    expect(['0000000', '0'.repeat(40), 'main-0000000'].every(isPlaceholder)).toBe(true);
    expect(['0000001', '00000000', '18.0', 'v0000000'].some(isPlaceholder)).toBe(false);
  });
});

test('a commit that only a fork or a deleted branch has is unknown, even by its whole name', async () => {
  const remote = new Remote();
  try {
    await remote.commit({ a: '1' });
    const gone = await remote.commit({ a: '2' }, 'gone');
    git(remote.path, 'update-ref', '-d', 'refs/heads/gone');
    // GitHub serves any commit that is asked for by name.
    git(remote.path, 'config', 'uploadpack.allowAnySHA1InWant', 'true');
    const history = await GitHistory.open(remote.url);
    expect(await history.find(gone)).toBeUndefined();
    history.close();
  } finally {
    remote.close();
  }
});
