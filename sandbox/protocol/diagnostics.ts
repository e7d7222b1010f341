import { messageOf } from '../errors';
import { ProviderError } from './behaviour';
import type { Difference } from './differences';
import type { Diagnostic, Step } from './tfplugin6';
import { isUnknown, type Value } from './values';

/** Longest value that a message shows, in characters. */
const SHOWN = 200;

/** An error on a resource, or on the argument at `steps`. */
export function refusal(summary: string, detail = '', steps?: readonly Step[]): Diagnostic {
  return { severity: 1, summary, detail, ...(steps && { attribute: { steps: [...steps] } }) };
}

/** A warning. */
export function warning(summary: string, detail: string): Diagnostic {
  return { severity: 2, summary, detail };
}

/** What a behaviour threw: a refusal by the cloud, or a mistake in the sandbox itself. */
export function thrown(error: unknown, provider: string): Diagnostic {
  if (error instanceof ProviderError) return refusal(error.summary, error.detail);
  if (process.env['STRATA_DEBUG']) process.stderr.write(`${(error as Error).stack}\n`);
  return refusal(
    `the sandbox failed: ${messageOf(error)}`,
    `This is a mistake in sandbox/${provider}, not in your configuration. STRATA_DEBUG=1 makes the sandbox print where.`,
  );
}

/** A change that no rule speaks of. */
export function unknownChange(provider: string, type: string, { path, steps, ...change }: Difference): Diagnostic {
  return refusal(
    `the sandbox does not know what ${provider} does when ${type}.${path} changes`,
    `It is ${show(change.before, change.sensitive)} and would be ${show(change.after, change.sensitive)}. ` +
      'It may change in place, or the resource may be replaced and its data lost. ' +
      `Leave the argument as it is, or say which in a rule for "${path}" in sandbox/${provider}/.`,
    steps,
  );
}

/** A change that the cloud only makes to what is stopped. */
export function needsStop(type: string, { path, steps, ...change }: Difference): Diagnostic {
  return refusal(
    `changing ${path} of a running ${type} requires stopping it`,
    `It is ${show(change.before, change.sensitive)} and would be ${show(change.after, change.sensitive)}. ` +
      'Set allow_stopping_for_update = true to let the provider stop it, or desired_status = "TERMINATED" to stop it yourself.',
    steps,
  );
}

function show(value: Value, sensitive: boolean): string {
  if (value === null) return 'not set';
  if (sensitive) return '(sensitive value)';
  const text = JSON.stringify(value, (_, inner) =>
    isUnknown(inner) ? String(inner) : typeof inner === 'bigint' ? String(inner) : inner,
  );
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text;
}
