import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError, type ApiKind } from '../api-server/api';
import type { Cluster } from '../api-server/cluster';
import { splitApiVersion } from '../api-server/kinds';
import type { Change } from '../api-server/object-store';
import { selects } from './select';
import { statusOf } from './status';
import { asTable, wantsTable } from './table';

/** Real seconds that a watch lasts when its client does not say. Source: API server, at least 30 minutes. */
const TIMEOUT = 1800;

/** Answers a watch: what changed since the version asked for, then every change as it comes. Holds no simulated time. */
export function watch(
  cluster: Cluster,
  kind: ApiKind,
  namespace: string | undefined,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const asked = Number(query.get('resourceVersion') ?? 0);
  if (query.has('sendInitialEvents')) {
    throw new ApiError(422, 'Invalid', 'sendInitialEvents is forbidden for watch: the sandbox has no WatchList');
  }
  const isOurs = ({ object }: Change) =>
    object.kind === kind.kind &&
    splitApiVersion(object.apiVersion).group === kind.group &&
    (namespace === undefined || object.metadata.namespace === namespace) &&
    selects(query, object);
  const table = wantsTable(request);
  const send = (change: Change) => {
    const object = table ? asTable(cluster, kind, change.object) : change.object;
    if (isOurs(change)) response.write(`${JSON.stringify({ type: change.type, object })}\n`);
  };

  response.writeHead(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' });
  response.flushHeaders();
  if (asked === 0) {
    for (const object of cluster.list(kind, namespace)) send({ type: 'ADDED', object });
  } else if (asked < oldest(cluster) - 1) {
    const gone = new ApiError(410, 'Expired', `too old resource version: ${asked} (${oldest(cluster)})`);
    response.end(`${JSON.stringify({ type: 'ERROR', object: statusOf(gone) })}\n`);
    return;
  } else {
    for (const change of cluster.history) if (versionOf(change) > asked) send(change);
  }
  cluster.changes.on('change', send);
  const end = setTimeout(() => response.end(), Number(query.get('timeoutSeconds') ?? TIMEOUT) * 1000);
  end.unref();
  response.on('close', () => {
    clearTimeout(end);
    cluster.changes.off('change', send);
  });
}

/** The first version whose change is still remembered. */
function oldest(cluster: Cluster): number {
  const [first] = cluster.history;
  return first ? versionOf(first) : (cluster.data.resourceVersion ?? 0) + 1;
}

function versionOf({ object }: Change): number {
  return Number(object.metadata.resourceVersion);
}
