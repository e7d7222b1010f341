import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf } from './errors';

/** Serves one API: answers and resolves to true, or resolves to false when the path is not its own. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

/** The requested URL. Its host means nothing: every API of the sandbox shares one. */
export function urlOf(request: IncomingMessage): URL {
  return new URL(request.url ?? '/', 'http://sandbox');
}

/** The whole body of a request. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The body as a JSON object; `{}` when it is empty. Throws SyntaxError. */
export async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const text = (await readBody(request)).toString();
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  send(response, status, { 'content-type': 'application/json; charset=UTF-8' }, JSON.stringify(body));
}

/** Answers with a body, or only with its headers where the request was HEAD. */
export function send(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: string | Buffer = '',
): void {
  response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

/** Names of the loopback address, and not other names that resolve to it. */
const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * Refuses, as the first of all handlers, whoever does not know the token: other users of this machine, and web pages in a
 * browser on it. The token is the first part of the path, which is removed, or a bearer token that ends with it.
 */
export function onlyWith(token: string): Handler {
  return async (request, response) => {
    const { host = '', origin, authorization = '' } = request.headers;
    if (origin !== undefined || !LOOPBACK.includes(host.replace(/:\d+$/, ''))) {
      const message =
        'the sandbox answers no browser: requests with an Origin, or to another host than 127.0.0.1, are refused';
      sendJson(response, { error: { code: 403, message } }, 403);
      return true;
    }
    const [, first = '', rest = ''] = /^\/([^/?]*)(.*)$/.exec(request.url ?? '') ?? [];
    if (isSame(first, token)) {
      request.url = rest.startsWith('/') ? rest : `/${rest}`;
      return false;
    }
    if (isSame(authorization.slice(-token.length), token)) return false;
    const message =
      'the sandbox answers only its own commands: the URL in STRATA_SANDBOX has the token that is missing here';
    sendJson(response, { error: { code: 401, message } }, 401);
    return true;
  };
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** An HTTP server that runs. */
export interface Listening {
  /** `http://127.0.0.1:PORT` */
  readonly baseUrl: string;
  /** Milliseconds since a request was last under way. */
  idle(): number;
  /** Stops listening and hangs up on everybody. */
  readonly close: () => Promise<void>;
}

/**
 * Serves APIs on the loopback address. The first handler that accepts a request answers it.
 *
 * @param port - taken when it is free; any other free one is taken in its place.
 */
export async function listen(port: number, handlers: readonly Handler[]): Promise<Listening> {
  let underWay = 0;
  let last = Date.now();
  const server = createServer(async (request, response) => {
    underWay++;
    response.once('close', () => {
      underWay--;
      last = Date.now();
    });
    try {
      for (const handle of handlers) if (await handle(request, response)) return;
      sendJson(response, { error: { code: 404, message: `the sandbox serves no ${urlOf(request).pathname}` } }, 404);
    } catch (error) {
      if (response.headersSent) response.destroy();
      else sendJson(response, { error: { code: 500, message: messageOf(error) } }, 500);
    }
  });
  const bind = (wanted: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(wanted, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  await bind(port).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    return bind(0);
  });
  return {
    idle: () => (underWay > 0 ? 0 : Date.now() - last),
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
