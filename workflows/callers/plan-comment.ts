import type { Platform } from '../../platforms/schema/define-platform';
import { ours, value } from '../command';
import { expression } from '../expression';
import { HOSTED, prepared } from '../steps';
import type { Workflow } from '../workflow';
import { PLAN, plannable } from './plan';
import { REHEARSAL } from './rehearsal';

/** Folder of the results. */
const RESULTS = 'results';

/**
 * Writes what a rehearsal or a plan found on its pull request. It runs the code of the default branch, and takes what that left as
 * data: a pull request from a fork cannot run anything in it.
 */
export function planCommentCaller(platform: Platform): Workflow {
  return {
    name: 'plan-comment',
    on: {
      workflow_run: {
        workflows: plannable(platform).length > 0 ? [REHEARSAL, PLAN] : [REHEARSAL],
        types: ['completed'],
      },
    },
    env: { PLATFORM: platform.name },
    jobs: {
      comment: {
        name: 'comment',
        if: "github.event.workflow_run.event == 'pull_request'",
        'runs-on': HOSTED,
        permissions: { actions: 'read', contents: 'read', 'pull-requests': 'write' },
        'timeout-minutes': 15,
        steps: [
          ...prepared(),
          {
            name: 'Fetch the results',
            uses: 'actions/download-artifact',
            with: {
              path: RESULTS,
              'run-id': expression('github.event.workflow_run.id'),
              'github-token': expression('github.token'),
            },
          },
          {
            name: 'Write the comments',
            env: {
              GITHUB_TOKEN: expression('github.token'),
              HEAD_SHA: expression('github.event.workflow_run.head_sha'),
            },
            run: ours('plan-comment', '--results', RESULTS, '--head-sha', value('HEAD_SHA')),
          },
        ],
      },
    },
  };
}
