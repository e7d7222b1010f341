import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse } from 'yaml';
import { kustomize } from '../../clients/kubectl';
import { UsageError } from '../../errors';
import { readImage, setImages } from '../../manifests/image-entry';

const CORPUS = join(__dirname, '../fixtures/kustomizations');
const CASES = readdirSync(CORPUS).filter((name) => !name.includes('.'));
const WEB = 'registry.example.com/shop/web';
const TAGS = { 'edited.yaml': 'dev-4f2a91c', 'edited-number.yaml': '1234e56' };

const read = (name: string, file = 'kustomization.yaml') => readFileSync(join(CORPUS, name, file), 'utf8');
const edited = (name: string, tag: string) =>
  setImages(read(name), [
    { image: WEB, tag, ...(name.startsWith('digest') && { digest: `sha256:${'b'.repeat(64)}` }) },
  ]);
const imagesOf = (text: string) =>
  (parse(text, { merge: true }) as { images: { name: string }[] }).images.sort((a, b) => a.name.localeCompare(b.name));

describe.each(Object.entries(TAGS))('what kustomize wrote to %s', (file, tag) => {
  test.each(CASES)('%s: means what ours means', (name) => {
    expect(imagesOf(edited(name, tag))).toEqual(imagesOf(read(name, file)));
  });
});

test('kubectl kustomize renders ours and kustomize’s alike', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'strata-corpus-'));
  try {
    const render = (root: string, textOf: (name: string) => string) => {
      const pod = (image: string, index: number) => ({ name: `c${index}`, image });
      for (const name of CASES) {
        mkdirSync(join(folder, root, name), { recursive: true });
        const containers = [WEB, 'docker.io/library/postgres', 'registry.example.com/shop/ml'].map(pod);
        const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers } };
        writeFileSync(join(folder, root, name, 'pod.yaml'), JSON.stringify(object));
        writeFileSync(join(folder, root, name, 'kustomization.yaml'), `${textOf(name)}\nresources: [pod.yaml]\n`);
      }
      writeFileSync(join(folder, root, 'kustomization.yaml'), JSON.stringify({ resources: CASES }));
      return kustomize(join(folder, root));
    };
    for (const [file, tag] of Object.entries(TAGS)) {
      const ours = await render('ours', (name) => edited(name, tag));
      expect(ours).toBe(await render('kustomize', (name) => read(name, file)));
      expect(ours.split(`:${tag}`)).toHaveLength(CASES.length + 1);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each(CASES)('%s: no byte changes outside the values', (name) => {
  const [before, after] = [read(name), edited(name, 'dev-4f2a91c')];
  // Put back, value by value, the edited file is the old one again; a line that was added is taken out.
  const { tag, digest } = readImage(before, WEB);
  const isNew = ['merge-key', 'without-tag', 'without-final-newline', 'digest-without-tag'].includes(name);
  const restored = after
    .replace(`sha256:${'b'.repeat(64)}`, digest ?? '')
    .replace(
      isNew ? /\r?\n *newTag: dev-4f2a91c/ : 'dev-4f2a91c',
      isNew ? '' : before.includes('*tag') ? '*tag' : (tag ?? ''),
    );
  expect(restored).toBe(before);
});

test('an entry without a tag gets one in its own style', () => {
  expect(edited('without-tag', 'abc1234')).toBe(
    read('without-tag').replace('# the front end\n', '# the front end\n    newTag: abc1234\n'),
  );
  expect(edited('without-final-newline', 'abc1234')).toBe(`${read('without-final-newline')}\n  newTag: abc1234`);
  expect(setImages('images: [{name: a}]', [{ image: 'a', tag: 'abc1234' }])).toBe(
    'images: [{name: a, newTag: abc1234}]',
  );
  const crlf = 'images:\r\n- name: a\r\n';
  expect(setImages(crlf, [{ image: 'a', tag: 'abc1234' }])).toBe('images:\r\n- name: a\r\n  newTag: abc1234\r\n');
});

test('any tag reads back as the string that was written, whatever it looks like', () => {
  const hex = fc.stringMatching(/^[0-9a-f]{7}$/);
  const odd = fc.constantFrom(
    '1234567',
    '0123456',
    '12e4567',
    '1234e56',
    '0b10101',
    '0x12345',
    'null',
    'true',
    'no',
    '1_0',
    '2026-01-01',
    '~',
    '.5',
  );
  const style = fc.constantFrom('8caff6f', '"8caff6f"', "'8caff6f'", '&t 8caff6f', '!!str 8caff6f');
  fc.assert(
    fc.property(fc.oneof(hex, odd, fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/)), style, (tag, old) => {
      const text = setImages(`images:\n- name: a\n  newTag: ${old} # why\n- name: b\n`, [{ image: 'a', tag }]);
      expect(parse(text)).toEqual({ images: [{ name: 'a', newTag: tag }, { name: 'b' }] });
      expect(parse(text, { version: '1.1' })).toEqual({ images: [{ name: 'a', newTag: tag }, { name: 'b' }] });
      expect(text).toContain(' # why\n- name: b\n');
    }),
  );
});

test('several images change in one pass, an anchor together with its alias', () => {
  const changes = [
    { image: 'registry.example.com/shop/ml', tag: 'aaaaaaa' },
    { image: WEB, tag: 'bbbbbbb' },
  ];
  expect(setImages(read('alias'), changes)).toContain(
    'newTag: &tag aaaaaaa\n- name: registry.example.com/shop/web\n  newTag: bbbbbbb\n',
  );
});

describe('a kustomization that cannot be edited safely is refused', () => {
  const set = (text: string) => () => setImages(text, [{ image: 'a', tag: 'abc1234' }]);
  test.each([
    ['no entry', 'images:\n- name: b\n', 'the kustomization has no entry for image a in images; expected one of b'],
    ['no images', 'resources: []\n', 'the kustomization has no entry for image a in images; expected one of none'],
    [
      'two entries',
      'images:\n- name: a\n- name: a\n',
      'the kustomization has 2 entries for image a in images; keep one',
    ],
    [
      'a digest that would win',
      'images:\n- name: a\n  digest: sha256:1\n',
      'the entry of image a has a digest, which overrides any tag; give the digest of the new image, or remove it',
    ],
    [
      'an anchor that others repeat',
      'images:\n- name: a\n  newTag: &t x\n- name: b\n  newTag: *t\n',
      'anchor "&t" is on the value to change, and "*t" repeats it elsewhere; write both tags in full',
    ],
    [
      'a value over several lines',
      'images:\n- name: a\n  newTag: |-\n    x\n',
      'newTag of image a is not on one line; write it as newTag: "abc1234"',
    ],
    [
      'a value that is missing',
      'images:\n- name: a\n  newTag:\n',
      'newTag of image a is not on one line; write it as newTag: "abc1234"',
    ],
  ])('%s', (_, text, message) => {
    expect(set(text)).toThrow(message);
    expect(set(text)).toThrow(UsageError);
  });

  test('broken YAML', () => {
    expect(set('images: [')).toThrow(/^the kustomization is not valid YAML: /);
  });
});
