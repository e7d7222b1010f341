import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from '../../errors';
import { sendJson } from '../../http';
import { ProviderError } from '../../protocol/behaviour';
import { CloudError, type Refusal } from '../cloud-error';

/** Canonical status by HTTP code. Source: google.rpc.Code. */
const STATUS: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ALREADY_EXISTS',
  412: 'FAILED_PRECONDITION',
  501: 'UNIMPLEMENTED',
};

/** Refuses a call without any credential. Which one it is does not matter here: only false ones exist in the sandbox. */
export function assertCredential(request: IncomingMessage): void {
  if (request.headers.authorization) return;
  const message = 'Request is missing required authentication credential. Expected OAuth 2 access token.';
  throw new CloudError({ status: 401, reason: 'required', message });
}

/** Answers with an error in the form that all of Google's JSON APIs share. */
export function sendGoogleError(response: ServerResponse, error: unknown): void {
  const { status: code, reason = 'badRequest', message } = refusalOf(error);
  const errors = [{ message, domain: 'global', reason }];
  sendJson(response, { error: { code, message, errors, status: STATUS[code] ?? 'INTERNAL' } }, code);
}

/** What an API answers for an error: a refusal of Google, one of the sandbox, invalid JSON, or a mistake in the sandbox. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof CloudError) return error.refusal;
  if (error instanceof SyntaxError) {
    return { status: 400, reason: 'parseError', message: 'Invalid JSON payload received.' };
  }
  const message = messageOf(error);
  if (error instanceof ProviderError) return { status: 400, reason: 'badRequest', message };
  return { status: 500, reason: 'internalError', message };
}
