import protobuf from 'protobufjs/minimal';
import { parse } from 'yaml';
import { ApiError } from '../api-server/api';

/** First bytes of a body in Kubernetes' protobuf envelope. */
const MAGIC = Buffer.from('k8s\0');

/** Field numbers of the few kinds that kubectl creates by typed clients. Source: generated.proto of k8s.io/api. */
type Shape = Readonly<Record<number, readonly [name: string, type: 'text' | 'flag' | 'map' | 'bytes' | Shape]>>;

const METADATA: Shape = {
  1: ['name', 'text'],
  2: ['generateName', 'text'],
  3: ['namespace', 'text'],
  11: ['labels', 'map'],
  12: ['annotations', 'map'],
};
const SHAPES: Readonly<Record<string, Shape>> = {
  Namespace: { 1: ['metadata', METADATA] },
  ServiceAccount: { 1: ['metadata', METADATA] },
  ConfigMap: { 1: ['metadata', METADATA], 2: ['data', 'map'], 3: ['binaryData', 'bytes'], 4: ['immutable', 'flag'] },
  Secret: {
    1: ['metadata', METADATA],
    2: ['data', 'bytes'],
    3: ['type', 'text'],
    4: ['stringData', 'map'],
    5: ['immutable', 'flag'],
  },
};
/** Reviews are answered without reading what they ask. */
const UNREAD = ['SelfSubjectAccessReview', 'SelfSubjectReview', 'DeleteOptions'];

/** The object in a request's body: JSON, YAML, or the protobuf of a few small kinds. Undefined when it is empty. */
export function parseBody(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  if (!body.subarray(0, 4).equals(MAGIC)) return parse(body.toString());
  const envelope = read(body.subarray(4), { 1: ['typeMeta', { 1: ['apiVersion', 'text'], 2: ['kind', 'text'] }] });
  const { apiVersion, kind } = (envelope['typeMeta'] ?? {}) as { apiVersion?: string; kind?: string };
  if (UNREAD.includes(kind ?? '')) return { apiVersion, kind };
  const shape = SHAPES[kind ?? ''];
  if (!shape) {
    throw new ApiError(
      415,
      'UnsupportedMediaType',
      `the sandbox reads no protobuf of kind ${kind}; write a manifest and use kubectl apply -f`,
    );
  }
  const { content } = read(body.subarray(4), { 2: ['content', shape] });
  return { apiVersion, kind, ...(content as object | undefined) };
}

function read(bytes: Uint8Array, shape: Shape): Record<string, unknown> {
  const reader = protobuf.Reader.create(bytes);
  const object: Record<string, unknown> = {};
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const [name, type] = shape[tag >>> 3] ?? [];
    if (name === undefined || type === undefined) reader.skipType(tag & 7);
    else if (type === 'text') object[name] = reader.string();
    else if (type === 'flag') object[name] = reader.bool();
    else if (type === 'map' || type === 'bytes') object[name] = { ...(object[name] as object), ...entry(reader, type) };
    else object[name] = read(reader.bytes(), type);
  }
  return object;
}

function entry(outer: protobuf.Reader, type: 'map' | 'bytes'): Record<string, string> {
  const reader = protobuf.Reader.create(outer.bytes());
  let key = '';
  let value = '';
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1) key = reader.string();
    else if (tag >>> 3 === 2) value = type === 'map' ? reader.string() : Buffer.from(reader.bytes()).toString('base64');
    else reader.skipType(tag & 7);
  }
  return { [key]: value };
}
