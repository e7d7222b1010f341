import type { Platform } from '../../platforms/schema/define-platform';
import { option, ours, value } from '../command';
import { input, secret } from '../expression';
import { HOSTED, prepared } from '../steps';
import type { Workflow } from '../workflow';

/** Tells the platform's channel in Slack about a build or a deployment, for runs that fail before our commands can. */
export function notify(platform: Platform): Workflow {
  const text = (description: string, required = true) => ({ description, type: 'string', required }) as const;
  return {
    name: 'notify',
    on: {
      workflow_call: {
        inputs: {
          stage: text('build or deployment'),
          state: text('started, succeeded or failed'),
          service: text('service that is built or deployed'),
          environment: text('environment of a deployment', false),
          tag: text('version'),
          error: text('error message to add', false),
        },
        secrets: { SLACK_BOT_TOKEN: { required: true } },
      },
    },
    env: { PLATFORM: platform.name },
    jobs: {
      notify: {
        name: 'notify',
        'runs-on': HOSTED,
        permissions: { contents: 'read' },
        'timeout-minutes': 15,
        steps: [
          ...prepared(),
          {
            name: 'Tell Slack',
            env: {
              STAGE: input('stage'),
              STATE: input('state'),
              SERVICE: input('service'),
              ENVIRONMENT: input('environment'),
              TAG: input('tag'),
              ERROR: input('error'),
              RUN: 'run=${{ github.server_url }}/${{ github.repository }}/actions/runs/${{ github.run_id }}',
              SLACK_BOT_TOKEN: secret('SLACK_BOT_TOKEN'),
            },
            run: ours(
              'notify',
              value('STAGE'),
              value('STATE'),
              '--service',
              value('SERVICE'),
              '--tag',
              value('TAG'),
              option('--env', 'ENVIRONMENT'),
              option('--error', 'ERROR'),
              '--link',
              value('RUN'),
            ),
          },
        ],
      },
    },
  };
}
