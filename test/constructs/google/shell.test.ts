import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(__dirname, '../../../constructs/google');
const scripts = readdirSync(FOLDER).filter((file) => file.endsWith('.sh'));
const isThere = spawnSync('shellcheck', ['--version']).status === 0;

// A lane of its own: shellcheck is no package of npm's that brings its program along.
(isThere ? test : test.skip)(
  `shellcheck finds nothing${isThere ? '' : ' (skipped: install shellcheck to run it)'}`,
  () => {
    const { stdout, status } = spawnSync('shellcheck', [...scripts, '../../.ci/run'], {
      cwd: FOLDER,
      encoding: 'utf8',
    });
    expect({ stdout, status }).toEqual({ stdout: '', status: 0 });
  },
);

test.each(scripts)('%s is bash that parses', (script) => {
  expect(spawnSync('bash', ['-n', join(FOLDER, script)]).status).toBe(0);
});
