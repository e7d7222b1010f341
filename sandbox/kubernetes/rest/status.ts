import type { ApiError } from '../api-server/api';

/** A refusal as the API sends it. */
export function statusOf({ message, reason, status }: ApiError): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code: status };
}
