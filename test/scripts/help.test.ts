import type { Command } from 'commander';
import { EXIT_CODES } from '../../errors';
import { commandProblems } from '../workflows/commands';

/** Commands of delivery. */
const SCRIPTS = [
  ...['accept', 'cluster', 'gate', 'images', 'lock', 'notify'],
  ...['push-apply', 'rollback', 'ship', 'status', 'tag', 'verify'],
];

const leaves = SCRIPTS.flatMap((script) => {
  const { default: command } = require(`../../scripts/${script}`) as { default: Command };
  const own = command.commands.length === 0 ? [command] : command.commands;
  return own.map((one) => ({ script, words: command === one ? script : `${script} ${one.name()}`, command: one }));
});

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

test.each(leaves)('the help of $words shows calls of it that are right, and its exit codes', ({ words, command }) => {
  const help = helpOf(command);
  const [, shown = ''] = /\nExamples:\n([\s\S]*?)\n\nExit codes: /.exec(help) ?? [];
  const lines = shown.split('\n');
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  const examples = shown.replace(/\\\n */g, '').split('\n');
  for (const example of examples) {
    const call = example.trim().replace(/^[A-Z0-9_]+=\S+ /, '');
    expect(call.replace(' --', '')).toContain(`npm run ${words}`);
    const parts = [...call.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
    expect(commandProblems(parts)).toEqual([]);
  }
  const [, codes = ''] = /\nExit codes: ([\s\S]*?)\.(\n|$)/.exec(help) ?? [];
  const known = new Set(Object.values(EXIT_CODES).map(String));
  expect(
    codes
      .split(', ')
      .map((code) => code.split(' ')[0] ?? '')
      .filter((code) => /^\d/.test(code) && !known.has(code)),
  ).toEqual([]);
  expect(codes).toMatch(/^0 .*\b2 wrong usage/);
});
