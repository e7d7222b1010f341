import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendJson } from '../../http';
import { CloudError } from '../../protocol/behaviour';

/** Canonical status by HTTP code. Source: google.rpc.Code. */
const STATUS: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  404: 'NOT_FOUND',
  409: 'ALREADY_EXISTS',
  412: 'FAILED_PRECONDITION',
  501: 'UNIMPLEMENTED',
};

/** A refusal by one of Google's REST APIs. */
export class GoogleError extends Error {
  /** @param reason - Google's word for it: `notFound`, `conditionNotMet`, ... */
  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

/** Refuses a call without any credential. Which one it is does not matter here: only false ones exist in the sandbox. */
export function assertCredential(request: IncomingMessage): void {
  if (request.headers.authorization) return;
  const message = 'Request is missing required authentication credential. Expected OAuth 2 access token.';
  throw new GoogleError(401, 'required', message);
}

/** Answers with an error in the form that all of Google's JSON APIs share. */
export function sendGoogleError(response: ServerResponse, error: unknown): void {
  const { code, reason, message } = googleError(error);
  const errors = [{ message, domain: 'global', reason }];
  sendJson(response, { error: { code, message, errors, status: STATUS[code] ?? 'INTERNAL' } }, code);
}

/** The same refusal as the REST API words it: terraform's `Error 404: <message>, notFound` is this error printed. */
export function googleError(error: unknown): GoogleError {
  if (error instanceof GoogleError) return error;
  if (error instanceof SyntaxError) return new GoogleError(400, 'parseError', 'Invalid JSON payload received.');
  const summary = error instanceof CloudError ? error.summary : String(error);
  const [, code, message, reason] = /^Error (\d{3}): (.*?)(?:, (\w+))?$/s.exec(summary) ?? [];
  if (code && message) return new GoogleError(Number(code), reason ?? 'badRequest', message);
  return error instanceof CloudError
    ? new GoogleError(400, 'badRequest', error.message)
    : new GoogleError(500, 'internalError', error instanceof Error ? error.message : summary);
}
