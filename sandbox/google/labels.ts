import type { Context } from '../protocol/behaviour';
import { hasUnknown, isObject, UNKNOWN, type Values } from '../protocol/values';
import { invalidField } from './cloud-error';

/** The label that the provider puts on what it creates. Source: google provider, `add_terraform_attribution_label`. */
const ATTRIBUTION = { 'goog-terraform-provisioned': 'true' };

/** Labels as the provider computes them at plan: the provider block's, the resource's, and its own. */
export function labelsOf(values: Values, prior: Values | null, { provider }: Context): Values {
  if (!('effective_labels' in values)) return {};
  const labels = values['labels'] ?? {};
  if (hasUnknown(labels)) return { effective_labels: UNKNOWN, terraform_labels: UNKNOWN };
  const before = prior?.['terraform_labels'];
  const attributed = isObject(before)
    ? 'goog-terraform-provisioned' in before
    : provider['add_terraform_attribution_label'] !== false;
  const all = {
    ...((provider['default_labels'] as Values | undefined) ?? {}),
    ...(labels as Values),
    ...(attributed ? ATTRIBUTION : {}),
  };
  return { effective_labels: all, terraform_labels: all };
}

/**
 * Refuses labels that no Google API takes.
 *
 * @throws {CloudError} with the message of Compute Engine. Source: requirements for labels in its documentation.
 */
export function refuseLabels(values: Values): void {
  const labels = values['effective_labels'];
  for (const [key, value] of Object.entries(isObject(labels) ? labels : {})) {
    if (!/^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u.test(key)) {
      throw invalidField(
        'resource.labels',
        '',
        `Label key '${key}' violates format constraints. The key must start with a lowercase letter, can only contain lowercase letters, numeric characters, underscores and dashes, and can be at most 63 characters long.`,
      );
    }
    if (!/^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u.test(String(value))) {
      throw invalidField(
        'resource.labels',
        '',
        `Label value '${String(value)}' violates format constraints. The value can only contain lowercase letters, numeric characters, underscores and dashes. The value can be at most 63 characters long.`,
      );
    }
  }
}

/** Labels of a resource that terraform did not create: terraform's own are not among them. */
export function ownLabels(labels: Values): Values {
  return { labels, effective_labels: labels, terraform_labels: {} };
}
