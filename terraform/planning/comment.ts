import { code, codeLines } from './markdown';
import { type EnvironmentPlan, isQuiet, type LayerPlan } from './result';
import { applyCommand, attributeLine, count, lossLine, loudFirst, outcomeOf } from './wording';

/** Longest comment that GitHub accepts, in characters. Its API answers 422 with "body is too long (maximum is 65536 characters)". */
export const COMMENT_LIMIT = 65_536;

/** How many lines of each layer are kept, tried in this order until the comment fits. */
const LINES_OF_A_LAYER = [Number.POSITIVE_INFINITY, 400, 200, 100, 50, 20, 5, 0];

/** How a comment is made. */
export interface CommentOptions {
  /** Where the whole plan is, for a comment that is cut. @default - the artifact of the run */
  readonly whole?: string;
  /** True for a pull request from a fork, whose plan was made on simulated clouds without credentials. @default false */
  readonly fork?: boolean;
}

/** The first line of an environment's comment, by which the next run finds it. */
function markerOf({ platform, env }: Pick<EnvironmentPlan, 'platform' | 'env'>): string {
  return `<!-- strata plan ${platform} ${env} -->`;
}

/** The plan of an environment as one comment on a pull request, never longer than GitHub accepts. */
export function planComment(plan: EnvironmentPlan, options: CommentOptions = {}): string {
  for (const limit of LINES_OF_A_LAYER) {
    const comment = [...headOf(plan, options), ...bodyOf(plan, limit, options), ...footOf(plan, options)].join('\n');
    if (comment.length <= COMMENT_LIMIT) return comment;
  }
  const note = `\n\n_Cut: ${wholeOf(options)}._`;
  const cut = headOf(plan, options)
    .join('\n')
    .slice(0, COMMENT_LIMIT - note.length);
  return `${cut.slice(0, cut.lastIndexOf('\n'))}${note}`;
}

function headOf(plan: EnvironmentPlan, { fork }: CommentOptions): string[] {
  const { platform, env, layers, guards, contracts } = plan;
  const loss = lossLine(plan);
  const title = [markerOf(plan), `### Plan: ${platform} ${env}`, ''];
  const origin = fork
    ? ['This pull request is from a fork: it was planned on simulated clouds, without credentials.', '']
    : [];
  if (layers.every(isQuiet) && guards.length === 0 && contracts.length === 0)
    return [
      ...title,
      ...origin,
      layers.length > 0 ? `No changes in ${layers.map(({ layer }) => layer).join(', ')}.` : 'No changes.',
    ];
  return [
    ...title,
    ...origin,
    ...(loss ? ['> [!CAUTION]', `> **${loss}**`, ''] : []),
    ...contracts.flatMap((problem) => ['> [!WARNING]', '> **Refused by contract**', ...codeLines(problem, '> '), '']),
    ...guards.flatMap(({ guard, place, subject, message, blastRadius }) => [
      '> [!WARNING]',
      `> **Refused by guard** ${code(guard)} in ${code(place)}: ${code(subject)}`,
      '>',
      `> ${code(message)}`,
      '>',
      `> Affects: ${code(blastRadius)}`,
      '',
    ]),
    ...table(layers),
  ];
}

function table(layers: readonly LayerPlan[]): string[] {
  const rows = layers.map((plan) => {
    const cells =
      plan.outcome === 'planned'
        ? (['create', 'update', 'replace', 'destroy'] as const).map((action) => count(plan, action) || '')
        : ['', '', '', ''];
    const note = plan.outcome === 'planned' ? noteOf(plan) : code(outcomeOf(plan).replaceAll('|', '/'));
    return `| ${plan.layer} | ${cells.join(' | ')} | ${note} |`;
  });
  return ['| layer | created | updated | replaced | destroyed | |', '| --- | --- | --- | --- | --- | --- |', ...rows];
}

function noteOf(plan: Extract<LayerPlan, { outcome: 'planned' }>): string {
  if (!plan.deployed) return 'not deployed yet';
  if (isQuiet(plan)) return 'no changes';
  return plan.outputs.length > 0 ? 'outputs change' : '';
}

function bodyOf({ layers }: EnvironmentPlan, limit: number, options: CommentOptions): string[] {
  return layers.flatMap((plan) => {
    const lines = linesOf(plan);
    if (lines.length === 0) return [];
    const kept = lines.slice(0, limit);
    const dropped = lines.length - kept.length;
    const cut = dropped > 0 ? [`- _${dropped} more lines: ${wholeOf(options)}_`] : [];
    const open =
      plan.outcome === 'planned' && plan.changes.some(({ action }) => action === 'replace' || action === 'destroy');
    return [
      '',
      `<details${open ? ' open' : ''}><summary>${plan.layer}</summary>`,
      '',
      ...kept,
      ...cut,
      '',
      '</details>',
    ];
  });
}

/** One line for each change; what may lose data comes first and names the attribute that forces it. */
function linesOf(plan: LayerPlan): string[] {
  if (plan.outcome === 'waiting') return plan.resources.map((address) => `- not planned: ${code(address)}`);
  if (plan.outcome === 'failed') return codeLines(plan.message);
  if (plan.outcome === 'asleep') return [];
  const changes = loudFirst(plan).map(({ action, address, attributes, reason }) => {
    const loud = action === 'replace' || action === 'destroy';
    const what = `${loud ? `**${action}**` : action} ${code(address)}`;
    const because = reason ? ` (${code(reason)})` : '';
    const changed = attributes.map((one) => code(attributeLine(one))).join(', ');
    const detail = changed === '' ? '' : action === 'replace' ? `, forced by ${changed}` : `: ${changed}`;
    return `- ${what}${because}${detail}`;
  });
  const outputs = plan.outputs.map(
    ({ name, action, readers }) =>
      `- output ${code(name)}: ${action}${readers.length > 0 ? `, read by ${readers.join(', ')}` : ''}`,
  );
  const drifted = plan.drifted.map((address) => `- changed outside of terraform: ${code(address)}`);
  return [...changes, ...outputs, ...drifted];
}

function footOf(plan: EnvironmentPlan, { fork }: CommentOptions): string[] {
  const apply = fork ? undefined : applyCommand(plan);
  if (apply === undefined) return [];
  return [
    '',
    plan.guards.length > 0 ? `To apply it although guards refuse it: ${code(apply)}` : `Apply: ${code(apply)}`,
  ];
}

function wholeOf({ whole = 'the whole plan is in the artifact of this run' }: CommentOptions): string {
  return whole;
}
