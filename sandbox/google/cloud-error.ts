import { ProviderError } from '../protocol/behaviour';

/** What Google answers when it refuses a call. */
export interface Refusal {
  /** HTTP status. */
  readonly status: number;
  /** Google's word for the cause: `notFound`, `conditionNotMet`. @default - none: the message ends with it */
  readonly reason?: string;
  readonly message: string;
}

/** A refusal by one of Google's APIs. The REST APIs answer with it; the provider prints it as `Error 404: message, reason`. */
export class CloudError extends ProviderError {
  /** @param detail - what the sandbox adds for the reader; Google does not say it. */
  constructor(
    readonly refusal: Refusal,
    detail?: string,
  ) {
    const { status, reason, message } = refusal;
    super(`Error ${status}: ${message}${reason ? `, ${reason}` : ''}`, detail);
  }
}

/** The resource with this key does not exist. */
export function notFound(key: string): CloudError {
  return new CloudError({ status: 404, reason: 'notFound', message: `The resource '${key}' was not found` });
}

/** A resource cannot be deleted or attached while another uses it. @param noun - what Google calls it: `disk` */
export function inUse(noun: string, key: string, user: string): CloudError {
  const message = `The ${noun} resource '${key}' is already being used by '${user}'`;
  return new CloudError({ status: 400, reason: 'resourceInUseByAnotherResource', message });
}

/** A field of a request has a value that Google does not allow. @param rule - what is allowed @default - Google does not say */
export function invalidField(field: string, value: unknown, rule?: string, detail?: string): CloudError {
  const message = `Invalid value for field '${field}': '${String(value)}'${rule ? `. ${rule}` : ''}`;
  return new CloudError({ status: 400, reason: 'invalid', message }, detail);
}
