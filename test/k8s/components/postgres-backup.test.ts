import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Json } from '../../helpers/synth';

const FOLDER = join(__dirname, '../../../k8s/components/postgres-backup');
const podOf = (name: string): Json =>
  parse(readFileSync(join(FOLDER, `${name}.cronjob.yaml`), 'utf8')).spec.jobTemplate.spec.template.spec;
const [upload] = podOf('postgres-backup').containers;
const [download] = podOf('postgres-restore-test').initContainers;

const home = mkdtempSync(join(tmpdir(), 'backup-'));
const bucket = join(home, 'bucket');
const backup = join(home, 'backup');
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** The bucket is a folder: nothing in it may be overwritten, as the identity of the backup may not. */
const RCLONE = `#!/bin/bash
set -eu
args=(); for one in "$@"; do case $one in --*) ;; *) args+=("\${one#storage:}") ;; esac; done
case \${args[0]} in
  copy) mkdir -p "\${args[2]}"; for file in "\${args[1]}"/*; do
      [ "$(basename "$file")" != "\${FAIL_AT:-}" ] || exit 1
      to="\${args[2]}/$(basename "$file")"; [ ! -e "$to" ] || cmp -s "$file" "$to" || { echo "immutable file modified" >&2; exit 1; }
      cp "$file" "$to"
    done ;;
  rcat) [ ! -e "\${args[1]}" ] || exit 1; cat >"\${args[1]}" ;;
  lsf) cd "\${args[\${#args[@]}-1]}" && find . -path './postgres-backup-*/complete' | sed 's#^./##' ;;
esac
`;

beforeEach(() => {
  rmSync(bucket, { recursive: true, force: true });
  for (const path of [bucket, backup, join(home, 'bin')]) mkdirSync(path, { recursive: true });
  writeFileSync(join(home, 'bin/rclone'), RCLONE);
  chmodSync(join(home, 'bin/rclone'), 0o755);
});

/** Runs the script of a container as one pod. */
function run({ command, args }: Json, env: Record<string, string> = {}) {
  const script = args[0].replaceAll('/backup', backup);
  const PATH = `${join(home, 'bin')}:${process.env['PATH']}`;
  return spawnSync(command[0], [...command.slice(1), script], {
    env: { PATH, BUCKET: bucket, ...env },
    encoding: 'utf8',
  });
}

/** A dump with these contents is uploaded by a pod. */
function attempt(pod: string, content: string, env: Record<string, string> = {}): number | null {
  for (const name of ['a.dump', 'b.dump']) writeFileSync(join(backup, name), content);
  return run(upload, { POD: pod, ...env }).status;
}

test('each attempt has a separate folder, named after its pod', () => {
  expect(upload.env).toContainEqual({ name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } });
  expect(attempt('postgres-backup-29384921-abcde', 'first', { FAIL_AT: 'b.dump' })).not.toBe(0);
  expect(attempt('postgres-backup-29384921-fghij', 'second')).toBe(0);
  expect(readFileSync(join(bucket, 'postgres-backup-29384921-abcde/a.dump'), 'utf8')).toBe('first');
  expect(readFileSync(join(bucket, 'postgres-backup-29384921-fghij/a.dump'), 'utf8')).toBe('second');
});

test('an existing dump is never overwritten', () => {
  expect(upload.args[0]).toContain('--immutable');
  expect(attempt('postgres-backup-29384921-abcde', 'first')).toBe(0);
  expect(attempt('postgres-backup-29384921-abcde', 'second')).not.toBe(0);
});

test('the restore test takes the newest attempt that came to its end', () => {
  attempt('postgres-backup-29384920-zzzzz', 'old');
  attempt('postgres-backup-29384921-abcde', 'new');
  attempt('postgres-backup-29384921-fghij', 'cut short', { FAIL_AT: 'b.dump' });
  attempt('before-restore-xyz12', 'by hand');
  rmSync(backup, { recursive: true });
  const { status, stdout } = run(download);
  expect([status, stdout]).toEqual([0, 'restoring postgres-backup-29384921-abcde\n']);
  expect(readFileSync(join(backup, 'a.dump'), 'utf8')).toBe('new');
});

test('the restore test fails where no attempt ever came to its end', () => {
  attempt('postgres-backup-29384921-abcde', 'cut short', { FAIL_AT: 'a.dump' });
  expect(run(download)).toMatchObject({ status: 1, stderr: `no backup in bucket ${bucket}\n` });
  expect(existsSync(join(bucket, 'postgres-backup-29384921-abcde/complete'))).toBe(false);
});
