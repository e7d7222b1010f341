import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(__dirname, '../../../constructs/google');
const scripts = readdirSync(FOLDER).filter((file) => file.endsWith('.sh'));

test.each(scripts)('%s is bash that parses', (script) => {
  expect(spawnSync('bash', ['-n', join(FOLDER, script)]).status).toBe(0);
});
