import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { CloudError } from '../google/cloud-error';
import { readBody, readJson, send, sendJson } from '../http';
import type { World } from '../world';
import { objectResource, objectsOf, writeObject } from './bucket';

/** A resumable upload in progress. It lives as long as the process: a client that lost its server starts over. */
interface Session {
  readonly name: string;
  readonly contentType: string;
  readonly query: URLSearchParams;
  readonly chunks: Buffer[];
}

const sessions = new Map<string, Session>();

/** Takes an upload in any of the three forms that Cloud Storage offers: media, multipart and resumable. */
export async function handleUpload(
  world: World,
  bucket: string,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  objectsOf(world, bucket);
  const contentType = request.headers['content-type'] ?? 'application/octet-stream';
  const finish = (name: string, content: Buffer, type: string, conditions: URLSearchParams) => {
    if (!name) throw new CloudError({ status: 400, reason: 'required', message: 'Required parameter: name' });
    writeObject(world, bucket, name, content, type, conditions);
    sendJson(response, objectResource(world, bucket, name));
  };

  const session = sessions.get(query.get('upload_id') ?? '');
  if (session) {
    session.chunks.push(await readBody(request));
    const received = session.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    if (/\/\*$/.test(request.headers['content-range'] ?? '')) return incomplete(request, response, received);
    sessions.delete(query.get('upload_id') ?? '');
    return finish(session.name, Buffer.concat(session.chunks), session.contentType, session.query);
  }
  switch (query.get('uploadType')) {
    case 'media':
      return finish(query.get('name') ?? '', await readBody(request), contentType, query);
    case 'multipart': {
      const { metadata, content, type } = parseMultipart(await readBody(request), contentType);
      return finish(query.get('name') ?? String(metadata['name'] ?? ''), content, type, query);
    }
    case 'resumable': {
      const metadata = await readJson(request);
      const id = randomUUID();
      sessions.set(id, {
        name: query.get('name') ?? String(metadata['name'] ?? ''),
        contentType: String(
          metadata['contentType'] ?? request.headers['x-upload-content-type'] ?? 'application/octet-stream',
        ),
        query,
        chunks: [],
      });
      const location = `http://${request.headers.host}/upload/storage/v1/b/${encodeURIComponent(bucket)}/o?uploadType=resumable&upload_id=${id}`;
      return send(response, 200, { location });
    }
    default:
      throw new CloudError({
        status: 400,
        reason: 'invalid',
        message: `Invalid upload request: uploadType ${query.get('uploadType')}`,
      });
  }
}

/** Asks for the next chunk. Google's Go client asks for 200 in place of 308, which its HTTP library takes for a redirect. */
function incomplete(request: IncomingMessage, response: ServerResponse, received: number): void {
  const overridden = request.headers['x-guploader-no-308'] === 'yes';
  send(response, overridden ? 200 : 308, {
    ...(received > 0 ? { range: `bytes=0-${received - 1}` } : {}),
    ...(overridden ? { 'x-http-status-code-override': '308' } : {}),
  });
}

/** Splits `multipart/related`: a JSON part that describes the object, then the object. */
function parseMultipart(
  body: Buffer,
  contentType: string,
): { metadata: Record<string, unknown>; content: Buffer; type: string } {
  const delimiter = `\r\n--${/boundary="?([^";]+)"?/.exec(contentType)?.[1]}`;
  const text = Buffer.concat([Buffer.from('\r\n'), body]);
  const parts: Buffer[] = [];
  for (let at = text.indexOf(delimiter); at >= 0; ) {
    const end = text.indexOf(delimiter, at + delimiter.length);
    if (end >= 0) parts.push(text.subarray(at + delimiter.length, end));
    at = end;
  }
  const [json, data] = parts.map((part) => {
    const head = part.indexOf('\r\n\r\n');
    return { headers: part.subarray(0, head).toString(), content: part.subarray(head + 4) };
  });
  if (!json || !data) throw new CloudError({ status: 400, reason: 'badContent', message: 'Malformed multipart body.' });
  const metadata = JSON.parse(json.content.toString()) as Record<string, unknown>;
  const type = /^content-type:\s*(.+?)\s*$/im.exec(data.headers)?.[1] ?? 'application/octet-stream';
  return { metadata, content: data.content, type: String(metadata['contentType'] ?? type) };
}
