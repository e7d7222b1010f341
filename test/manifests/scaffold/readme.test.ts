import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { platformFrom, sourceOf } from '../../../manifests/description';
import { Tree } from '../../../manifests/scaffold/tree';
import { runCommand } from '../../../scripts/support/start';
import { staleIn } from '../../../scripts/support/workflows';
import { copiedTree, problemsIn } from '../../helpers/copied-tree';

/** The commands of README's section about additions: script and arguments. */
function additions(): string[][] {
  const [, block = ''] =
    /### Add a service or an environment\n\n```sh\n([^`]+)```/.exec(readFileSync('README.md', 'utf8')) ?? [];
  return block
    .trim()
    .split('\n')
    .map((line) => line.replace('npm run ', '').replace(' -- ', ' ').split(' '));
}

test('what README adds, one after another, passes the checks of trees and workflows', async () => {
  const { root } = copiedTree();
  const commands = additions();
  const here = process.cwd();
  const printed = jest.spyOn(console, 'log').mockImplementation();
  process.chdir(root);
  try {
    for (const [script = '', ...args] of commands) {
      const { default: command } = require(`../../../scripts/${script}`) as { default: Command };
      await runCommand(command, args);
      expect({ script, code: process.exitCode ?? 0 }).toEqual({ script, code: 0 });
    }
  } finally {
    process.chdir(here);
    printed.mockRestore();
  }
  const tree = new Tree(root);
  const names = ['threads', 'shop'];
  for (const name of names) {
    const { services, environments } = platformFrom(name, readFileSync(join(root, sourceOf(name)), 'utf8'));
    expect(Object.keys(services)).toContain('report');
    expect(Object.keys(environments)).toContain('qa');
    // Of the new environment alone: others are built in the tests of each addition.
    expect(problemsIn(tree, name, 'qa')).toEqual([]);
  }
  expect(staleIn(tree, names)).toEqual([]);
});
