import type { Values } from '../../protocol/values';
import { CloudError } from '../cloud-error';
import { defineResource } from '../resource';
import { block, text } from '../values';

const durations = { create: 'control plane call', delete: 'control plane call' } as const;

/** Where names of deleted pools stay taken; Google keeps them for 30 days. */
const TOMBSTONES = 'deleted google_iam_workload_identity_pool';

/** A workload identity pool. Deleting it only marks it: its name stays taken for 30 days. */
export const identityPool = defineResource({
  type: 'google_iam_workload_identity_pool',
  validateCreate: (values, context, key) => {
    const deleted = context.world.get(TOMBSTONES, key)?.values['at'];
    if (typeof deleted === 'number' && context.world.clock.now() - deleted < 30 * 24 * 3600_000) {
      throw new CloudError(
        { status: 409, reason: 'alreadyExists', message: 'Requested entity already exists' },
        `pool ${text(values, 'workload_identity_pool_id')} was deleted less than 30 days ago and is only marked as deleted: undelete it`,
      );
    }
  },
  beforeDelete: (_values, context, key) =>
    context.world.put({ type: TOMBSTONES, key, values: { at: context.world.clock.now() } }),
  computed: (_values, _context, key) => ({ name: key, state: 'ACTIVE' }),
  durations,
});

/** A provider in a pool. */
export const identityPoolProvider = defineResource({
  type: 'google_iam_workload_identity_pool_provider',
  validateCreate: (values) => {
    const issuer = text(block(values, 'oidc') ?? {}, 'issuer_uri');
    if (issuer.includes('token.actions.githubusercontent.com') && !text(values, 'attribute_condition')) {
      throw new CloudError(
        {
          status: 400,
          reason: 'badRequest',
          message: "The attribute condition must reference one of the provider's claims",
        },
        'a pool for GitHub without attribute_condition would trust every repository there is',
      );
    }
  },
  computed: (_values, _context, key) => ({ name: key, state: 'ACTIVE' }),
  durations,
});

/** A custom role. */
export const customRole = defineResource({
  type: 'google_project_iam_custom_role',
  validateCreate: refusePermissions,
  beforeUpdate: (_prior, values) => refusePermissions(values),
  computed: (_values, _context, key) => ({ name: key, deleted: false }),
  durations,
});

/** A permission is a service, a resource and a verb. Source: IAM documentation, permissions reference. */
function refusePermissions(values: Values): void {
  const permissions = [values['permissions'] ?? []].flat().map(String);
  const wrong = permissions.find(
    (one) => !/^[a-z][a-z0-9-]*(\.[a-z][A-Za-z0-9]*)?\.[a-zA-Z0-9]+\.[a-z][A-Za-z]*$/.test(one),
  );
  if (wrong === undefined) return;
  throw new CloudError({ status: 400, reason: 'badRequest', message: `Permission ${wrong} is not valid.` });
}
