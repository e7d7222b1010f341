import { forSlack } from '../../escape';

/** What a notice can be about. */
export const STAGES = ['build', 'deployment', 'rollback'] as const;

/** What has become of it. `refused` is by gate, lock, pin or registry: nothing was changed. */
export const STATES = ['started', 'succeeded', 'failed', 'refused'] as const;

/** What Slack is told of. */
export interface Notice {
  readonly stage: (typeof STAGES)[number];
  readonly state: (typeof STATES)[number];
  readonly service: string;
  /** Image tag, or the commit where CI applies the manifests. */
  readonly version: string;
  /** @default - none: a build is for every environment */
  readonly environment?: string | undefined;
  /** In seconds. */
  readonly duration?: number | undefined;
  /** URLs by their names, such as `run` and `commit`. */
  readonly links?: Readonly<Record<string, string>>;
  readonly error?: string | undefined;
}

/** Longest error that is posted, in characters. Its end is the most useful part. */
const LONGEST_ERROR = 2000;

/**
 * A notice as the text of a message.
 *
 * @see https://docs.slack.dev/messaging/formatting-message-text
 */
export function textOf({ stage, state, service, version, environment, duration, links = {}, error }: Notice): string {
  const where = environment ? ` ${stage === 'rollback' ? 'in' : 'to'} ${environment}` : '';
  const took = duration === undefined ? '' : ` after ${durationText(duration)}`;
  const addresses = Object.entries(links).map(([name, address]) => `<${forSlack(address)}|${forSlack(name)}>`);
  return [
    `*${forSlack(service)}* \`${forSlack(version)}\`: ${stage}${forSlack(where)} ${state}${took}`,
    ...(addresses.length > 0 ? [addresses.join(' · ')] : []),
    ...(error ? [`\`\`\`\n${forSlack(endOf(error))}\n\`\`\``] : []),
  ].join('\n');
}

function durationText(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const rest = `${Math.round(seconds - minutes * 60)} s`;
  return minutes > 0 ? `${minutes} min ${rest}` : rest;
}

function endOf(error: string): string {
  const text = error.trim().replaceAll('```', "'''");
  return text.length > LONGEST_ERROR ? `...${text.slice(-LONGEST_ERROR)}` : text;
}
