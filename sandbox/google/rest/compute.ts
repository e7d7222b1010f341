import type { IncomingMessage } from 'node:http';
import { type Handler, readJson, sendJson, urlOf } from '../../http';
import type { Context, ResourceBehaviour } from '../../protocol/behaviour';
import type { Values } from '../../protocol/values';
import type { CloudObject, World } from '../../world';
import { CloudError, invalidField, notFound } from '../cloud-error';
import { address } from '../compute/address';
import { disk } from '../compute/disk';
import { instance } from '../compute/instance';
import { powerOff, powerOn } from '../compute/machine';
import { isZone } from '../compute/places';
import { finishSnapshot, snapshot, takeSnapshot } from '../compute/snapshot';
import { DURATIONS } from '../durations';
import { ownLabels } from '../labels';
import { refuseUnscheduled } from '../scheduler';
import { COMPUTE_NAME, regionOf } from '../values';
import { assertCredential, sendGoogleError } from './error';
import { compileFilter } from './filter';
import { Operations, selfLink } from './operations';
import { type Collection, TO_REST } from './resources';

const BEHAVIOUR: Readonly<Record<Collection, ResourceBehaviour>> = {
  addresses: address,
  instances: instance,
  disks: disk,
  snapshots: snapshot,
};

/** One call, taken apart: `POST projects/P/zones/Z/disks/D/createSnapshot`. */
interface Call {
  readonly scope: string;
  readonly collection: Collection;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly body: Record<string, unknown>;
}

/** The part of the Compute Engine API v1 that our commands call. What terraform makes is seen here, and the reverse. */
export class ComputeApi {
  private readonly operations: Operations;

  constructor(private readonly world: World) {
    this.operations = new Operations(world);
    for (const snapshot of world.list('google_compute_snapshot')) {
      // A sandbox that was killed leaves no operation behind, but the cloud would have gone on.
      if (snapshot.values['status'] === 'CREATING') world.clock.after(1, () => finishSnapshot(world, snapshot.key));
    }
  }

  readonly handle: Handler = async (request, response) => {
    const { pathname } = urlOf(request);
    if (!pathname.startsWith('/compute/v1/')) return false;
    response.setHeader('date', new Date(this.world.clock.now()).toUTCString());
    try {
      assertCredential(request);
      sendJson(response, await this.answer(request));
    } catch (error) {
      sendGoogleError(response, error);
    }
    return true;
  };

  private async answer(request: IncomingMessage): Promise<unknown> {
    const { pathname, searchParams: query } = urlOf(request);
    const zone = /^\/compute\/v1\/projects\/[^/]+\/zones\/([^/]+)$/.exec(pathname)?.[1];
    if (zone && request.method === 'GET') return this.zone(zone, pathname);
    const [, scope = '', collection = '', name, verb] =
      /^\/compute\/v1\/(projects\/[^/]+\/(?:zones\/[^/]+|regions\/[^/]+|global))\/(\w+)(?:\/([^/]+)(?:\/(\w+))?)?$/.exec(
        pathname,
      ) ?? [];
    const what = `${request.method} ${collection}${name ? '/*' : ''}${verb ? `/${verb}` : ''}`;
    if (what === 'GET operations/*') return this.operations.get(scope, name ?? '');
    if (what === 'POST operations/*/wait') return this.operations.wait(scope, name ?? '');
    if (!(collection in TO_REST)) throw unknownCall(request);
    const body = request.method === 'POST' ? await readJson(request) : {};
    const key = `${scope}/${collection}/${name}`;
    const call: Call = { scope, collection: collection as Collection, key, query, body };
    switch (what) {
      case `GET ${collection}`:
        return this.list(call);
      case `GET ${collection}/*`:
        return TO_REST[call.collection].convert(this.world, this.find(call));
      case `DELETE ${collection}/*`:
        return this.delete(call);
      case `POST ${collection}/*/setLabels`:
        return this.setLabels(call);
      case 'POST disks/*/createSnapshot':
        return this.createSnapshot(call, this.find(call).key);
      case 'POST snapshots':
        return this.createSnapshot(call, String(body['sourceDisk'] ?? '').replace(/^.*?(?=projects\/)/, ''));
      case 'POST instances/*/start':
      case 'POST instances/*/stop':
        return this.power(call, verb === 'start');
      case 'POST instances/*/addResourcePolicies':
      case 'POST instances/*/removeResourcePolicies':
        return this.setPolicies(call, verb === 'addResourcePolicies');
      default:
        throw unknownCall(request);
    }
  }

  private setPolicies(call: Call, add: boolean): Promise<unknown> {
    const object = this.find(call);
    const nameOf = (policy: string) => policy.split('/').at(-1) ?? '';
    const given = ((call.body['resourcePolicies'] as string[] | undefined) ?? []).map(String);
    const kind = `${add ? 'add' : 'remove'}ResourcePolicies`;
    return this.operations.start(kind, call.scope, call.key, async () => {
      await this.world.clock.sleep(DURATIONS['instance update'].typical);
      const present = (object.values['resource_policies'] as string[] | null) ?? [];
      const left = present.filter((policy) => !given.some((one) => nameOf(one) === nameOf(policy)));
      const values = { ...object.values, resource_policies: add ? [...left, ...given] : left };
      if (add) refuseUnscheduled(values as Values, this.context(call.scope));
      this.world.put({ ...object, values });
    });
  }

  private zone(name: string, pathname: string): unknown {
    const key = pathname.replace('/compute/v1/', '');
    if (!isZone(name)) throw notFound(key);
    const [, project] = key.split('/');
    return {
      kind: 'compute#zone',
      name,
      status: this.world.data.lostZones?.includes(name) ? 'DOWN' : 'UP',
      region: selfLink(`projects/${project}/regions/${regionOf(name)}`),
      selfLink: selfLink(key),
    };
  }

  private list({ scope, collection, query }: Call): unknown {
    const { type, convert } = TO_REST[collection];
    const inScope = this.world.list(type).filter(({ key }) => key.startsWith(`${scope}/`));
    const items = inScope.map((object) => convert(this.world, object)).filter(compileFilter(query.get('filter')));
    return { kind: `compute#${collection.slice(0, -1)}List`, id: `${scope}/${collection}`, items };
  }

  private delete(call: Call): Promise<unknown> {
    const object = this.find(call);
    const behaviour = BEHAVIOUR[call.collection];
    return this.operations.start('delete', call.scope, call.key, () =>
      behaviour.delete(call.key, object.values as Values, this.context(call.scope)),
    );
  }

  private setLabels(call: Call): Promise<unknown> {
    const object = this.find(call);
    const { labels, labelFingerprint } = call.body as { labels?: Values; labelFingerprint?: string };
    if (labelFingerprint !== object.values['label_fingerprint']) {
      throw new CloudError({
        status: 412,
        reason: 'conditionNotMet',
        message: 'Labels fingerprint either invalid or resource labels have changed',
      });
    }
    return this.operations.start('setLabels', call.scope, call.key, async () => {
      await this.world.clock.sleep(DURATIONS['control plane call'].typical);
      object.values = { ...object.values, ...ownLabels(labels ?? {}), label_fingerprint: this.world.nextId() };
      this.world.put(object);
    });
  }

  private createSnapshot({ scope, body }: Call, source: string): Promise<unknown> {
    const project = scope.split('/')[1] ?? '';
    const name = String(body['name'] ?? '');
    const request = {
      name,
      project,
      disk: selfLink(source),
      labels: (body['labels'] as Values | undefined) ?? {},
      description: body['description'] as string | undefined,
      storageLocations: body['storageLocations'] as string[] | undefined,
    };
    return this.operations.start('createSnapshot', scope, source, async () => {
      if (!COMPUTE_NAME.test(name)) {
        throw invalidField('resource.name', name, `Must be a match of regex '${COMPUTE_NAME.source}'`);
      }
      await takeSnapshot(this.context(scope), request);
    });
  }

  private power(call: Call, on: boolean): Promise<unknown> {
    this.find(call);
    return this.operations.start(on ? 'start' : 'stop', call.scope, call.key, async () => {
      const running = this.world.data.machines[call.key]?.state !== 'stopped';
      await this.world.clock.sleep(DURATIONS[on ? 'instance creation' : 'instance deletion'].typical);
      if (on && !running) powerOn(this.world, call.key);
      if (!on && running) powerOff(this.world, call.key);
    });
  }

  private find({ collection, key }: Call): CloudObject {
    const found = this.world.get(TO_REST[collection].type, key);
    if (found) return found;
    throw notFound(key);
  }

  private context(scope: string): Context {
    const [, project = null, , zone = null] = scope.split('/');
    return { world: this.world, provider: { project, zone }, home: '' };
  }
}

function unknownCall(request: IncomingMessage): CloudError {
  const call = `${request.method} ${urlOf(request).pathname}`;
  return new CloudError({
    status: 501,
    reason: 'notImplemented',
    message: `the sandbox's Compute Engine does not know ${call}`,
  });
}
