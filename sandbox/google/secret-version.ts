import type { Context } from '../protocol/behaviour';
import type { Values } from '../protocol/values';
import { CloudError } from './cloud-error';
import { projectNumber } from './project-number';
import { defineResource } from './resource';
import { text } from './values';

/** A version of a secret. With `secret_data` the value is in the state, with the write-only `secret_data_wo` it is not. */
export const secretVersion = defineResource({
  type: 'google_secret_manager_secret_version',
  number: (values, { world }) => String(versionsOf(values, world).length + 1),
  arguments: {
    secret: {
      check: (value) =>
        typeof value === 'string' && !/^projects\/[^/]+\/secrets\/[^/]+$/.test(value)
          ? `must be the id of a secret, such as projects/my-project/secrets/my-secret, got "${value}"`
          : undefined,
    },
  },
  validateCreate: (values, context) => {
    refusePayload(dataOf(values, context).length);
  },
  afterCreate: (values, context) => {
    const versions = versionsOf(values, context.world);
    versions.push(dataOf(values, context).toString('base64'));
    context.world.data.secretVersions[text(values, 'secret')] = versions;
  },
  computed: (_values, { world }, key) => {
    const [, project = ''] = key.split('/');
    const name = key.replace(`projects/${project}/`, `projects/${projectNumber(project)}/`);
    return {
      id: name,
      name,
      version: key.split('/').at(-1) ?? '',
      create_time: world.clock.iso(),
      destroy_time: '',
    };
  },
  durations: { create: 'control plane call', delete: 'control plane call' },
});

function versionsOf(values: Values, { data }: Context['world']): string[] {
  return data.secretVersions[text(values, 'secret')] ?? [];
}

/** The value: a write-only argument is in the configuration alone. */
function dataOf(values: Values, { config = {} }: Context): Buffer {
  const data = text(values, 'secret_data') || text(config, 'secret_data_wo');
  return Buffer.from(data, values['is_secret_data_base64'] === true ? 'base64' : 'utf8');
}

/** Source: https://cloud.google.com/secret-manager/quotas#content_limits */
const LONGEST = 65_536;

/** Refuses an empty value, and one that is too long. @param bytes - its length. @throws {CloudError} */
export function refusePayload(bytes: number): void {
  if (bytes > 0 && bytes <= LONGEST) return;
  const message =
    bytes === 0
      ? 'Secret Payload cannot be empty.'
      : `Secret Payload of ${bytes} bytes exceeds the maximum of ${LONGEST} bytes.`;
  throw new CloudError({ status: 400, reason: 'badRequest', message });
}
