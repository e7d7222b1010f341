import { commandProblems } from './commands';

const ship = 'npm run --silent ship -- nextjs --env prod';

test.each([
  ['npm ci'],
  ['npm run check'],
  [ship],
  [`npm run --silent tunnel -- prod -- ${ship} --trigger push --tag=8caff6f`],
  ['npm run gate -- check --service nextjs --env prod --report'],
])('%s exists', (line) => {
  expect(commandProblems(line.split(' '))).toEqual([]);
});

test.each([
  ['docker push x', 'calls no command of ours'],
  ['npm run shipp -- nextjs --env prod', 'package.json has no script "shipp"'],
  ['npm run ship --dry-run -- nextjs', 'npm keeps "--dry-run" to itself'],
  ['npm run ship -- --env prod', "missing required argument 'service'"],
  ['npm run ship -- nextjs', '--env: missing'],
  [`${ship} --wait`, "unknown option '--wait'"],
  [`${ship} --trigger cron`, 'Allowed choices are push, manual'],
  ['npm run gate -- chekc --service nextjs --env prod', "unknown command 'chekc'"],
  ['npm run gate -- check --env prod', "required option '--service <name>' not specified"],
  ['npm run tunnel -- prod -- npm run ship -- nextjs --env prod --nope', "unknown option '--nope'"],
  ['npm ci --force', 'npm ci is called without arguments'],
])('refuses %s', (line, message) => {
  expect(commandProblems(line.split(' '))).toEqual([expect.stringContaining(message)]);
});
