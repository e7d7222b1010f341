import type { IncomingMessage, ServerResponse } from 'node:http';
import { readJson, sendJson, urlOf } from '../../http';
import type { World } from '../../world';
import { CloudError } from '../cloud-error';
import { DURATIONS } from '../durations';
import { enableService, isEnabled, refuseDisabled } from '../services';
import { assertCredential, sendGoogleError } from './error';

/** Most services in one call. Source: https://cloud.google.com/service-usage/docs/reference/rest/v1/services/batchEnable */
const MOST = 20;

/** The part of the Service Usage API v1 that our commands call: which services are enabled, and enabling them. */
export class ServiceUsageApi {
  /** Operations by name, and whether each has ended. */
  private readonly operations = new Map<string, { done: boolean }>();

  constructor(private readonly world: World) {}

  /** Answers a request if it is for this API. */
  handle = async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    const { pathname, searchParams } = urlOf(request);
    const [, project, verb] = /^\/v1\/projects\/([^/]+)\/services:(\w+)$/.exec(pathname) ?? [];
    const [, operation] = /^\/v1\/(operations\/[\w.-]+)$/.exec(pathname) ?? [];
    if (!project && !operation) return false;
    try {
      assertCredential(request);
      if (operation) sendJson(response, this.operation(operation));
      else sendJson(response, await this.services(project ?? '', `${request.method} ${verb}`, request, searchParams));
    } catch (error) {
      sendGoogleError(response, error);
    }
    return true;
  };

  private async services(
    project: string,
    call: string,
    request: IncomingMessage,
    query: URLSearchParams,
  ): Promise<unknown> {
    refuseDisabled('google_project_service', project, { world: this.world }, ['serviceusage']);
    if (call === 'GET batchGet') {
      const services = query.getAll('names').map((name) => {
        const state = isEnabled(this.world, project, name.split('/').at(-1) ?? '') ? 'ENABLED' : 'DISABLED';
        return { name, state };
      });
      return { services };
    }
    if (call !== 'POST batchEnable') {
      const message = `the sandbox's Service Usage does not know ${call}`;
      throw new CloudError({ status: 501, reason: 'notImplemented', message });
    }
    const ids = ((await readJson(request))['serviceIds'] ?? []) as string[];
    if (ids.length === 0 || ids.length > MOST) {
      const message = `Invalid argument: service_ids must have 1 to ${MOST} entries, got ${ids.length}`;
      throw new CloudError({ status: 400, reason: 'badRequest', message });
    }
    return this.enable(project, ids);
  }

  private enable(project: string, ids: readonly string[]): unknown {
    const name = `operations/acat.${this.world.nextId()}`;
    const operation = { done: false };
    this.operations.set(name, operation);
    void this.world.clock.busy(async () => {
      await this.world.clock.sleep(DURATIONS['service activation'].typical);
      for (const id of ids) enableService(this.world, project, id);
      operation.done = true;
    });
    return { name };
  }

  private operation(name: string): unknown {
    const found = this.operations.get(name);
    if (found) return { name, done: found.done, ...(found.done && { response: {} }) };
    throw new CloudError({ status: 404, reason: 'notFound', message: `Operation ${name} was not found.` });
  }
}
