import { setOutput } from '../../clients/workflow-outputs';
import type { Notice } from '../notify/notice';
import { notify } from '../notify/slack';
import { type DeliveryTools, runAddress } from './tools';

/** The common fields of the notices of one delivery. */
export type Announced = Pick<Notice, 'stage' | 'service' | 'version'> & {
  /** The commit that is built or deployed, and its repository. @default - unknown */
  readonly commit?: { readonly repository: string; readonly sha: string };
};

/** Runs work, and posts to the platform's channel that it started, and that it succeeded or failed. */
export async function announced<T>(tools: DeliveryTools, about: Announced, work: () => Promise<T>): Promise<T> {
  const { clock } = tools;
  const start = clock.now();
  await tell(tools, about, { state: 'started' });
  try {
    const result = await work();
    await tell(tools, about, { state: 'succeeded', duration: (clock.now() - start) / 1000 });
    return result;
  } catch (error) {
    await tell(tools, about, {
      state: 'failed',
      duration: (clock.now() - start) / 1000,
      error: error instanceof Error ? error.message : String(error),
    });
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
  const environment = about.stage === 'deployment' ? env : undefined;
  const isTold = await notify(platform, { ...about, ...news, environment, links }, { warn: report });
  // The workflow itself tells of a run that has failed without it.
  if (isTold && news.state === 'failed') setOutput('told', 'true');
}
