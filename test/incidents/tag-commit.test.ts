import { MemoryRefStore } from '../../delivery/git/memory-ref-store';
import type { CommitDraft } from '../../delivery/git/ref-store';
import { TagWriter } from '../../delivery/tag/tag-writer';
import { loadPlatform } from '../../platforms/load';
import { repositoryOf } from '../../platforms/schema/environment';
import { ManualClock } from '../delivery/manual-clock';
import { MemoryHistory } from '../delivery/tag/histories';

const history = new MemoryHistory([[], [0]]);

/** What a push by a GitHub App starts no workflow for. */
const SKIPPED = /\[(skip ci|ci skip|no ci|skip actions|actions skip)\]/;

test.each([
  ['threads', 'local'],
  ['todo-platform', 'local'],
  ['techtorque', 'dev'],
  ['techtorque', 'prod'],
])('a tag commit of %s %s starts no build: not by its message, and not by its files', async (name, env) => {
  const platform = loadPlatform(name);
  const { branch, path } = repositoryOf(platform, env);
  const store = new MemoryRefStore();
  const text = `images:\n- name: reg/a\n  newTag: ${history.tag(0)}\n`;
  const author = { name: 'a', email: 'a@example.com' };
  const files = new Map([[`${path}/kustomization.yaml`, text]]);
  store.refs.set(`refs/heads/${branch}`, await store.commit({ author, date: new Date(0), message: 'first', files }));
  const drafts: CommitDraft[] = [];
  const commit = store.commit.bind(store);
  store.commit = (draft) => {
    drafts.push(draft);
    return commit(draft);
  };
  const target = { service: 'a', image: 'reg/a', folder: path, history };
  const writer = new TagWriter({ store, clock: new ManualClock(), platform, env, run: '1' });
  await writer.set([{ target, tag: history.tag(1) }]);
  await writer.pin(target, history.tag(0), { reason: 'broken', by: 'jane' });
  await writer.unpin(target);
  expect(drafts).toHaveLength(3);
  for (const draft of drafts) {
    expect(draft.message).toMatch(SKIPPED);
    for (const changed of (draft.files as Map<string, string>).keys()) expect(changed).toMatch(/^k8s\//);
  }
});
