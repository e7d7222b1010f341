import { setOutput } from '../../clients/workflow-outputs';
import { AsleepError, messageOf, RefusedError } from '../../errors';
import type { Notice } from '../notify/notice';
import { notify } from '../notify/slack';
import { type DeliveryTools, runAddress } from './tools';

/** The common fields of the notices of one delivery. */
export type Announced = Pick<Notice, 'stage' | 'service' | 'version'> & {
  /** The commit that is built or deployed, and its repository. @default - unknown */
  readonly commit?: { readonly repository: string; readonly sha: string };
};

/** Tells that the work has started. @param version - where it was not known before. */
export type Started = (version?: string) => Promise<void>;

/**
 * Does work, and tells the platform's channel what becomes of it: that it started, and that it succeeded or failed. A
 * refusal by gate, lock, pin or registry is posted even before the start; other errors before it are not posted.
 *
 * @param work - calls `started` once it changes something.
 */
export async function announced<T>(
  tools: DeliveryTools,
  about: Announced,
  work: (started: Started) => Promise<T>,
): Promise<T> {
  const { clock } = tools;
  let start: number | undefined;
  let { version } = about;
  const told = (news: Pick<Notice, 'state' | 'error'>) => {
    const duration = start === undefined || news.state === 'started' ? undefined : (clock.now() - start) / 1000;
    return tell(tools, { ...about, version }, { ...news, duration });
  };
  try {
    const result = await work(async (chosen) => {
      start = clock.now();
      version = chosen ?? version;
      await told({ state: 'started' });
    });
    if (start !== undefined) await told({ state: 'succeeded' });
    return result;
  } catch (error) {
    const isRefused = error instanceof RefusedError || error instanceof AsleepError;
    const message = messageOf(error);
    if (isRefused || start !== undefined) await told({ state: isRefused ? 'refused' : 'failed', error: message });
    throw error;
  }
}

async function tell(
  { platform, env, report }: DeliveryTools,
  { commit, ...about }: Announced,
  news: Pick<Notice, 'state' | 'duration' | 'error'>,
): Promise<void> {
  const run = runAddress(about.service);
  const links = {
    ...(run.startsWith('https://') && { run }),
    ...(commit && { commit: `${commit.repository.replace(/\.git$/, '')}/commit/${commit.sha}` }),
  };
  const environment = about.stage === 'build' ? undefined : env;
  const isTold = await notify(platform, { ...about, ...news, environment, links }, { warn: report });
  // The workflow itself tells of a run that has failed without it.
  if (isTold && ['failed', 'refused'].includes(news.state)) setOutput('told', 'true');
}
