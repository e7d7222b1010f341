import { MemoryRefStore } from '../../../delivery/git/memory-ref-store';
import { UnknownOutcomeError } from '../../../delivery/git/ref-store';
import { DeploymentLock } from '../../../delivery/lock/deployment-lock';
import type { TagTarget } from '../../../delivery/tag/tag';
import { TagWriter } from '../../../delivery/tag/tag-writer';
import { RefusedError } from '../../../errors';
import techtorque from '../../../platforms/techtorque/platform';
import threads from '../../../platforms/threads/platform';
import todoPlatform from '../../../platforms/todo-platform/platform';
import { ManualClock } from '../manual-clock';
import { MemoryHistory } from './histories';

const FOLDER = 'k8s/threads/overlays/prod';
const FILE = `${FOLDER}/kustomization.yaml`;
const REF = 'refs/heads/master';
const author = { name: 'a', email: 'a@example.com' };

// 0 - 1 - 2, and 3 which leaves after 0.
const history = new MemoryHistory([[], [0], [1], [0]]);
const [c0, c1, c2, side] = [0, 1, 2, 3].map((index) => history.tag(index)) as [string, string, string, string];
const target = (service: string, folder = FOLDER): TagTarget => ({ service, image: `reg/${service}`, folder, history });
const [nextjs, ml] = [target('nextjs'), target('ml-service')];

const text = (web: string, model: string) =>
  `# tags\nimages:\n  - name: reg/nextjs\n    newTag: ${web} # why\n  - name: reg/ml-service\n    newTag: ${model}\n`;

let store: MemoryRefStore;
let clock: ManualClock;
let writer: TagWriter;

async function push(files: Record<string, string>, ref = REF): Promise<string> {
  const { [ref]: head = null } = await store.read(ref);
  const draft = { author, date: clock.date(), message: 'by hand', files: new Map(Object.entries(files)) };
  const commit = await store.commit(head ? { ...draft, parent: head } : draft);
  store.refs.set(ref, commit);
  return commit;
}

const writerOf = (platform = threads, env = 'local') =>
  new TagWriter({ store, clock, platform, env, run: 'https://github.com/o/r/actions/runs/1', random: () => 0.5 });
const fileAt = async (ref = REF, path = FILE) => store.file(store.refs.get(ref) ?? '', path);
const messageAt = (ref = REF) => store.message(store.refs.get(ref) ?? '');

beforeEach(async () => {
  store = new MemoryRefStore();
  clock = new ManualClock();
  writer = writerOf();
  await push({ [FILE]: text(c0, c0) });
});

test('a tag moves forward in a commit that changes only its bytes, by the bot, with trailers', async () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const result = await writer.set([{ target: nextjs, tag: c1, digest }]);
  expect(result).toMatchObject({
    ...{ outcome: 'written', branch: 'master', commit: store.refs.get(REF) },
    changes: [{ service: 'nextjs', image: 'reg/nextjs', from: c0, to: c1, ancestry: 'forward' }],
  });
  expect(await fileAt()).toBe(text(c1, c0));
  expect(await messageAt()).toBe(
    `deploy: nextjs ${c1}\n\n[skip ci]\n\nAction: set\nService: nextjs\nImage: reg/nextjs:${c1}\nDigest: ${digest}\nRun: https://github.com/o/r/actions/runs/1\n`,
  );
  expect((await store.log(result.commit, FILE, 1))[0]).toMatchObject({ author: 'github-actions[bot]' });
});

test.each([
  [threads, 'local', `deploy: update images to ${c1}`],
  [todoPlatform, 'local', `Update nextjs to version ${c1}, ml-service to version ${c1}`],
  [techtorque, 'dev', `chore(nextjs,ml-service): update image to ${c1}`],
])('several services are one commit, in the words of the platform', async (platform, env, subject) => {
  const ref = `refs/heads/${{ threads: 'master', techtorque: 'dev' }[platform.name] ?? 'main'}`;
  await push({ [FILE]: text(c0, c0) }, ref);
  await writerOf(platform, env).set([
    { target: nextjs, tag: c1 },
    { target: ml, tag: c1 },
  ]);
  expect(await fileAt(ref)).toBe(text(c1, c1));
  expect((await messageAt(ref)).split('\n')[0]).toBe(subject);
});

test('an existing tag makes no commit, so that an interrupted run can be repeated', async () => {
  await writer.set([{ target: nextjs, tag: c1 }]);
  const head = store.refs.get(REF);
  expect(await writer.set([{ target: nextjs, tag: c1 }])).toMatchObject({ outcome: 'unchanged', commit: head });
  expect(store.refs.get(REF)).toBe(head);
});

test('a dry run says what would change, and changes nothing', async () => {
  const head = store.refs.get(REF);
  const planned = await writer.set([{ target: nextjs, tag: c1 }], { dryRun: true });
  expect(planned).toMatchObject({ outcome: 'planned', changes: [{ from: c0, to: c1 }] });
  expect(store.refs.get(REF)).toBe(head);
});

describe('a tag that would not move forward is refused', () => {
  test.each([
    [
      'older',
      c2,
      c1,
      `the deployed ${c2} descends from ${c1}: this would be a rollback. Pin the tag instead: npm run tag -- pin --env local --service nextjs --tag ${c1} --reason "..."`,
    ],
    [
      'diverged',
      c2,
      side,
      `${side} and the deployed ${c2} have diverged: neither descends from the other. Merge the deployed commit and ship the result, or pin this one: npm run tag -- pin`,
    ],
    [
      'unknown',
      c2,
      'fffffff',
      'fffffff names no commit on a branch of the repository of nextjs, so it is unknown which is newer. Push that commit to a branch, or choose: npm run tag -- pin',
    ],
    [
      'the placeholder',
      c2,
      '0000000',
      '0000000 is the placeholder of a new overlay, which no image has; ship a commit',
    ],
  ])('%s', async (_, deployed, wanted, message) => {
    await push({ [FILE]: text(deployed, c0) });
    const set = writer.set([{ target: nextjs, tag: wanted }]);
    await expect(set).rejects.toThrow(`nextjs in threads local: ${message}`);
    await expect(set).rejects.toBeInstanceOf(RefusedError);
  });

  test('together with all others of the commit, each with its reason', async () => {
    await push({ [FILE]: text(c2, c2) });
    const set = writer.set([
      { target: nextjs, tag: c1 },
      { target: ml, tag: side },
    ]);
    await expect(set).rejects.toThrow(/^nextjs in .*\nml-service in /);
    expect(await fileAt()).toBe(text(c2, c2));
  });
});

test('the first deployment over the placeholder has no ancestor', async () => {
  await push({ [FILE]: text('0000000', c0) });
  expect((await writer.set([{ target: nextjs, tag: side }])).changes[0]).toMatchObject({ ancestry: 'first' });
});

describe('a pin', () => {
  const pin = { reason: '502s since the last deployment', by: 'jane' };

  test('is a rollback that reviewers can read, and that only unpin ends', async () => {
    await push({ [FILE]: text(c2, c0) });
    await writer.pin(nextjs, c1, pin);
    expect(await fileAt()).toBe(text(c1, c0));
    expect(await fileAt(REF, `${FOLDER}/pins.yaml`)).toBe(
      '# Held by `npm run tag -- pin`: no delivery changes these tags until `npm run tag -- unpin`.\n' +
        `pins:\n  nextjs:\n    tag: ${c1}\n    reason: 502s since the last deployment\n    by: jane\n    since: 2026-01-01T00:00:00.000Z\n`,
    );
    expect(await messageAt()).toMatch(
      `Rollback nextjs to ${c1}\n\n502s since the last deployment\n\n[skip ci]\n\nAction: rollback\n`,
    );
    clock = new ManualClock();
    await clock.sleep(7_200_000);
    await expect(writerOf().set([{ target: nextjs, tag: c2 }])).rejects.toThrow(
      `nextjs in threads local: it is pinned to ${c1} by jane for 2 h 0 min: 502s since the last deployment. ${c2} is not written; ` +
        'release it with: npm run tag -- unpin --env local --service nextjs',
    );
    expect(await writer.current(nextjs)).toMatchObject({ tag: c1, pin: { tag: c1 } });
    await writer.unpin(nextjs);
    expect(await fileAt(REF, `${FOLDER}/pins.yaml`)).toBeUndefined();
    expect((await messageAt()).split('\n')[0]).toBe(`Unpin nextjs at ${c1}`);
    expect(await writer.set([{ target: nextjs, tag: c2 }])).toMatchObject({ outcome: 'written' });
  });

  test('holds its service alone', async () => {
    await writer.pin(nextjs, undefined, pin);
    expect((await messageAt()).split('\n')[0]).toBe(`Pin nextjs at ${c0}`);
    await writer.pin(ml, c1, pin);
    await writer.unpin(nextjs);
    expect(await fileAt(REF, `${FOLDER}/pins.yaml`)).toContain('pins:\n  ml-service:\n');
    expect(await writer.set([{ target: nextjs, tag: c1 }])).toMatchObject({ outcome: 'written' });
  });

  test('is written once: a second run finds it', async () => {
    await writer.pin(nextjs, c1, pin);
    expect(await writer.pin(nextjs, c1, pin)).toMatchObject({ outcome: 'unchanged' });
    await writer.unpin(nextjs);
    expect(await writer.unpin(nextjs)).toMatchObject({ outcome: 'unchanged' });
  });

  test('that comes in while a tag is being written is seen', async () => {
    const own = store.push.bind(store);
    let raced = false;
    store.push = async (updates) => {
      if (!raced) {
        raced = true;
        await writerOf().pin(nextjs, undefined, pin);
      }
      return own(updates);
    };
    await expect(writer.set([{ target: nextjs, tag: c1 }])).rejects.toThrow(/it is pinned/);
    expect(await fileAt()).toBe(text(c0, c0));
  });

  test('in a file that is not valid stops every tag next to it', async () => {
    await push({ [`${FOLDER}/pins.yaml`]: 'pins:\n  nextjs:\n    tag: 1\n    until: never\n' });
    await expect(writer.set([{ target: nextjs, tag: c1 }])).rejects.toThrow(
      `${FOLDER}/pins.yaml is not valid, so no tag of this overlay can change:`,
    );
  });

  test('needs a tag that an image can have', async () => {
    await push({ [FILE]: text('0000000', c0) });
    await expect(writer.pin(nextjs, undefined, pin)).rejects.toThrow(
      'nextjs in local has no image yet, only tag "0000000"; give one with --tag',
    );
  });
});

describe('with others writing to the branch', () => {
  test('the change is applied again to the new head: both are kept', async () => {
    const own = store.push.bind(store);
    let raced = 0;
    store.push = async (updates) => {
      if (raced++ < 3) await push({ [FILE]: text(c0, [c0, c1, c2][raced - 1] ?? '') });
      return own(updates);
    };
    await writer.set([{ target: nextjs, tag: c1 }]);
    expect(await fileAt()).toBe(text(c1, c2));
    expect(clock.now()).toBe(0.5 * (100 + 200 + 400));
  });

  test('a newer tag that came in is not overwritten by an older one', async () => {
    const own = store.push.bind(store);
    let raced = false;
    store.push = async (updates) => {
      if (!raced) await push({ [FILE]: text(c2, c0) });
      raced = true;
      return own(updates);
    };
    await expect(writer.set([{ target: nextjs, tag: c1 }])).rejects.toThrow(/this would be a rollback/);
    expect(await fileAt()).toBe(text(c2, c0));
  });

  test('the writer gives up after 30 tries, and nothing is written', async () => {
    store.push = async () => 'stale';
    await expect(writer.set([{ target: nextjs, tag: c1 }])).rejects.toThrow(
      'branch master changed 30 times while the tag was being written; nothing was written. Run this again',
    );
    expect(clock.now()).toBeLessThan(30 * 5000);
  });

  test('a push whose answer was lost is found below what came after it', async () => {
    const own = store.push.bind(store);
    let tries = 0;
    store.push = async (updates) => {
      if (tries++ > 0) return own(updates);
      await own(updates);
      await push({ README: 'later' });
      throw new UnknownOutcomeError('lost');
    };
    expect(await writer.set([{ target: nextjs, tag: c1 }])).toMatchObject({ outcome: 'written' });
    expect(await fileAt()).toBe(text(c1, c0));
    expect(store.history(store.refs.get(REF) ?? '')).toHaveLength(3);
  });
});

describe('where the environment has a lock', () => {
  const take = (env = 'prod') =>
    new DeploymentLock({ store, clock, platform: 'threads', env }).take({ owner: 'nextjs', run: '1' });

  test('a tag is written under it: the lock ref moves with the branch', async () => {
    const lock = await take();
    await writerOf(threads, 'prod').set([{ target: nextjs, tag: c1 }], { lock });
    expect(lock.record).toMatchObject({ action: 'write', counter: 2 });
    expect(await fileAt()).toBe(text(c1, c0));
  });

  test.each([
    ['without it', async () => undefined, 'none'],
    ['under the lock of another environment', () => take('staging'), 'threads-staging'],
  ])('nothing is written %s', async (_, lockOf, got) => {
    const lock = await lockOf();
    await expect(writerOf(threads, 'prod').set([{ target: nextjs, tag: c1 }], { lock })).rejects.toThrow(
      `writing to threads prod needs its lock; got ${got}`,
    );
  });
});

describe('where Image Updater writes', () => {
  const updater = [
    'spec:',
    '  applicationRefs:',
    '    - images:',
    '        - alias: nextjs',
    '          imageName: reg/nextjs',
    '          manifestTargets: {}',
    '        - alias: ml-service',
    '          imageName: reg/ml-service',
    '',
  ].join('\n');
  const file = `${FOLDER}/image-updater/threads.imageupdater.yaml`;
  const staging = () => writerOf(threads, 'staging');
  const pin = { reason: 'broken', by: 'jane' };
  beforeEach(() => push({ [file]: updater }));

  test('no tag is set by hand', async () => {
    await expect(staging().set([{ target: nextjs, tag: c1 }])).rejects.toThrow(
      'Image Updater writes the tags of threads staging; push an image, or pin a tag with: npm run tag -- pin',
    );
  });

  test('a pin narrows the tags that it may choose, and unpin gives them back', async () => {
    await staging().pin(nextjs, c1, pin);
    expect(await fileAt()).toBe(text(c1, c0));
    const line = `          commonUpdateSettings: { allowTags: "regexp:^${c1}$" } # pinned\n`;
    const held = updater.replace('imageName: reg/nextjs\n', `imageName: reg/nextjs\n${line}`);
    expect(await fileAt(REF, file)).toBe(held);
    await staging().pin(nextjs, c2, pin);
    expect(await fileAt(REF, file)).toBe(held.replace(c1, c2));
    await staging().unpin(nextjs);
    expect(await fileAt(REF, file)).toBe(updater);
  });
});

describe('as a pull request', () => {
  const opened: unknown[] = [];
  const pullRequests = {
    open: async (draft: unknown) => {
      opened.push(draft);
      return { number: 7, url: 'https://github.com/o/r/pull/7' };
    },
  };
  beforeEach(() => opened.splice(0));

  test('the change is on a branch, needs no lock, and its checks run', async () => {
    const prod = writerOf(threads, 'prod');
    const head = store.refs.get(REF);
    const result = await prod.propose([{ target: nextjs, tag: c1 }], pullRequests);
    const branch = `strata/prod/nextjs-${c1}`;
    expect(result).toMatchObject({ outcome: 'proposed', branch, pullRequest: { number: 7 } });
    expect(store.refs.get(REF)).toBe(head);
    expect(await fileAt(`refs/heads/${branch}`)).toBe(text(c1, c0));
    expect(await messageAt(`refs/heads/${branch}`)).not.toContain('[skip ci]');
    const body = `Action: set\nService: nextjs\nImage: reg/nextjs:${c1}\nRun: https://github.com/o/r/actions/runs/1`;
    expect(opened).toEqual([{ head: branch, base: 'master', title: `deploy: nextjs ${c1}`, body }]);
    expect(await prod.propose([{ target: nextjs, tag: c1 }], pullRequests)).toMatchObject({ commit: result.commit });
  });

  test('a branch of that name with something else is left alone', async () => {
    await push({ [FILE]: text('fffffff', c0) }, `refs/heads/strata/prod/nextjs-${c1}`);
    await expect(writerOf(threads, 'prod').propose([{ target: nextjs, tag: c1 }], pullRequests)).rejects.toThrow(
      `branch strata/prod/nextjs-${c1} already exists with another ${FILE}; delete it, then run this again`,
    );
    expect(opened).toEqual([]);
  });

  test('ancestry and pins count before it is opened', async () => {
    await push({ [FILE]: text(c2, c0) });
    await expect(writer.propose([{ target: nextjs, tag: c1 }], pullRequests)).rejects.toThrow(
      /this would be a rollback/,
    );
  });
});

test('the history of a service has each tag once, with the commit and run that set it', async () => {
  await writer.set([{ target: nextjs, tag: c1 }]);
  await writer.set([{ target: ml, tag: c1 }]);
  await writer.pin(nextjs, c0, { reason: 'broken', by: 'jane' });
  expect(await writer.history(nextjs, 9)).toMatchObject([
    { tag: c0, action: 'rollback', run: 'https://github.com/o/r/actions/runs/1', author: 'github-actions[bot]' },
    { tag: c1, action: 'set' },
    { tag: c0, author: 'a' },
  ]);
  expect(await writer.history(nextjs, 1)).toHaveLength(1);
});
