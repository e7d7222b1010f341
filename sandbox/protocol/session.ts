import type { CoverageCounter } from '../coverage';
import type { Faults, Operation } from '../faults';
import type { World } from '../world';
import { argumentPaths, ruleFor } from './arguments';
import {
  type ArgumentRules,
  type Context,
  type Created,
  ProviderError,
  type ResourceBehaviour,
  TaintedError,
} from './behaviour';
import { refusal, thrown, warning } from './diagnostics';
import { planCreate, planUpdate, refuseWhileRunning } from './plan';
import { knownOnly, settled, withDefaults } from './planned';
import type { CtyType } from './schema/field';
import { providerVersion } from './schema/installed';
import type { Served, ServedProvider } from './served';
import type { Diagnostic, DynamicValue, Handlers, Request } from './tfplugin6';
import { problemsIn } from './validate';
import { decodeJson, decodeValue, encodeValue, type Values } from './values';

/** What the providers of one sandbox share. */
export interface Surroundings {
  readonly world: World;
  readonly coverage: CoverageCounter;
  /** The sandbox's HOME. */
  readonly home: string;
  readonly faults: Faults;
  /** The folders that terraform runs in. */
  readonly folders?: () => string[];
}

type Answer = { diagnostics?: Diagnostic[]; [key: string]: unknown };

/**
 * One connection of terraform to one provider. Core opens a connection for each provider block, so the configuration
 * of one alias, or of another command that runs at the same time, never mixes with this one.
 */
export class Session {
  private configuration: Values = {};
  private readonly underWay = new Set<Request>();

  constructor(
    private readonly provider: ServedProvider,
    private readonly around: Surroundings,
  ) {}

  /** The protocol's calls. Each counts as activity for the simulated clock until it is answered. */
  handlers(): Handlers {
    const busy = (call: (request: Request) => Promise<object> | object) => (request: Request) =>
      this.busy(async () => call(request));
    return {
      GetProviderSchema: busy(() => this.provider.schemas),
      ValidateProviderConfig: busy(() => ({})),
      ConfigureProvider: busy((request) => this.configure(request)),
      ValidateResourceConfig: busy((request) => this.validate(request, this.resource(request))),
      ValidateDataResourceConfig: busy((request) => this.validate(request, this.dataSource(request))),
      UpgradeResourceState: busy((request) => this.upgrade(request)),
      // What hangs must not hold simulated time: these two are only busy inside of `faulty`.
      ReadResource: (request) => this.faulty('read', request, () => this.read(request)),
      ApplyResourceChange: (request) => this.recorded(request, () => this.apply(request)),
      PlanResourceChange: busy((request) => this.plan(request)),
      ImportResourceState: busy((request) => this.import(request)),
      ReadDataSource: busy((request) => this.readData(request)),
      StopProvider: busy(() => ({ Error: '' })),
    };
  }

  /** Types of the resources that are being created, changed or deleted at this moment. */
  changing(): string[] {
    return [...this.underWay].map(({ type_name }) => type_name);
  }

  private async recorded(request: Request, work: () => Promise<Answer>): Promise<Answer> {
    this.underWay.add(request);
    try {
      return await work();
    } finally {
      this.underWay.delete(request);
    }
  }

  private async configure({ config }: Request): Promise<Answer> {
    const values = decodeValue(config.msgpack, this.provider.config.type) as Values;
    const { name } = this.provider.behaviour;
    this.configuration = this.fromEnvironment(knownOnly(values) as Values);
    const version = providerVersion(this.provider.behaviour.package ?? name);
    const simulated = warning(`Simulated ${name} provider ${version}`, 'Nothing outside this machine is touched.');
    return this.guarded({ diagnostics: [simulated] }, async () => {
      await this.provider.behaviour.configure?.(values, this.context());
      return { diagnostics: [simulated] };
    });
  }

  /** With values of environment variables where the provider block sets none. */
  private fromEnvironment(values: Values): Values {
    const named = Object.entries(this.provider.behaviour.environment ?? {}).flatMap(([argument, names]) => {
      const value = names.map((name) => process.env[name]).find(Boolean);
      return value && (values[argument] ?? null) === null ? [[argument, value]] : [];
    });
    return { ...values, ...Object.fromEntries(named) };
  }

  private validate({ config }: Request, served: Served<{ type: string; arguments: ArgumentRules }>) {
    return { diagnostics: problemsIn(served, decodeValue(config.msgpack, served.type) as Values) };
  }

  private upgrade(request: Request): Answer {
    const { type, fields } = this.resource(request);
    const state = decodeJson(Buffer.from(request.raw_state.json).toString(), type) as Values;
    return { upgraded_state: write(settled(fields, {}, state), type) };
  }

  private async plan(request: Request): Promise<Answer> {
    const served = this.resource(request);
    const [prior, proposed, config] = [request.prior_state, request.proposed_new_state, request.config].map(
      (value) => decodeValue(value.msgpack, served.type) as Values | null,
    );
    if (!proposed || !config) return { planned_state: request.proposed_new_state };
    return this.guarded({ planned_state: request.proposed_new_state }, async () => {
      const context = this.context();
      const { planned, replace, diagnostics } = prior
        ? planUpdate(this.provider.behaviour.name, served, prior, proposed, config, context)
        : planCreate(served, proposed);
      diagnostics.push(...problemsIn(served, config));
      const known =
        diagnostics.length === 0 ? await served.behaviour.plan?.(planned, prior ?? null, context) : undefined;
      return {
        planned_state: write(known ?? planned, served.type),
        // Defaults are not in the configuration: providers on the older SDK plan them all the same, and say so by this.
        legacy_type_system: served.isKnown || this.provider.behaviour.facts !== undefined,
        requires_replace: replace.map((steps) => ({ steps: [...steps] })),
        planned_private: request.prior_private,
        diagnostics,
      };
    });
  }

  private async apply(request: Request): Promise<Answer> {
    const served = this.resource(request);
    const { behaviour, fields, type } = served;
    const [prior, planned, config] = [request.prior_state, request.planned_state, request.config].map(
      (value) => decodeValue(value.msgpack, type) as Values | null,
    );
    const operation = !planned ? 'delete' : prior ? 'update' : 'create';
    const before = { new_state: request.prior_state, private: request.planned_private };
    return this.faulty(operation, request, () =>
      this.guarded(before, async () => {
        if (!planned) {
          if (prior) await behaviour.delete(keyOf(request.planned_private, prior), prior, this.context());
          return { new_state: write(null, type) };
        }
        const refused = prior ? refuseWhileRunning(served, prior, planned) : [];
        if (refused.length > 0) return { ...before, diagnostics: refused };
        const made = ({ key, values }: Created): Answer => {
          this.count(served, key, config ?? {});
          return { new_state: write(settled(fields, planned, values), type), private: privateOf(key) };
        };
        if (prior)
          return made(
            await this.update(behaviour, keyOf(request.planned_private, prior), prior, planned, config ?? {}),
          );
        return behaviour.create(planned, this.context(config ?? {})).then(made, (error: unknown) => {
          if (!(error instanceof TaintedError)) throw error;
          return { ...made(error.created), diagnostics: [thrown(error, this.provider.behaviour.name)] };
        });
      }),
    );
  }

  private async update(behaviour: ResourceBehaviour, key: string, prior: Values, planned: Values, config: Values) {
    return { key, values: await behaviour.update(key, prior, planned, this.context(config)) };
  }

  private async read(request: Request): Promise<Answer> {
    const { behaviour, fields, type } = this.resource(request);
    const prior = decodeValue(request.current_state.msgpack, type) as Values;
    return this.guarded({ new_state: request.current_state, private: request.private }, async () => {
      const values = await behaviour.read(keyOf(request.private, prior), prior, this.context());
      const state = values && settled(fields, {}, { ...prior, ...defined(values) });
      return { new_state: write(state, type), private: request.private };
    });
  }

  private async import(request: Request): Promise<Answer> {
    const { behaviour, fields, type } = this.resource(request);
    return this.guarded({}, async () => {
      if (!behaviour.import) throw new ProviderError(`the sandbox cannot import ${behaviour.type}`);
      const found = await behaviour.import(request.id, this.context());
      if (!found)
        throw new ProviderError(`Cannot import non-existent remote object: ${behaviour.type} "${request.id}"`);
      const state = write(withDefaults(fields, settled(fields, {}, found.values)), type);
      return { imported_resources: [{ type_name: behaviour.type, state, private: privateOf(found.key) }] };
    });
  }

  private async readData(request: Request): Promise<Answer> {
    const served = this.dataSource(request);
    const { behaviour, fields, type } = served;
    const config = decodeValue(request.config.msgpack, type) as Values;
    return this.guarded({}, async () => {
      const values = await behaviour.read(config, this.context());
      this.count(served, Buffer.from(request.config.msgpack).toString('base64'), config);
      const asked = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null));
      return { state: write(settled(fields, asked, values), type) };
    });
  }

  private count(served: Served<{ type: string; arguments: ArgumentRules }>, key: string, config: Values) {
    const { behaviour, fields, isKnown } = served;
    for (const path of argumentPaths(fields, config)) {
      this.around.coverage.count(behaviour.type, key, path, isKnown || !!ruleFor(behaviour.arguments, path));
    }
  }

  private resource({ type_name }: Request): Served<ResourceBehaviour> {
    return this.provider.resources.get(type_name) ?? missing(type_name);
  }

  private dataSource({ type_name }: Request) {
    return this.provider.data.get(type_name) ?? missing(type_name);
  }

  private context(config: Values = {}): Context {
    const { world, home, folders } = this.around;
    return { world, provider: this.configuration, config, home, folders };
  }

  private busy<T>(work: () => Promise<T>): Promise<T> {
    return this.around.world.clock.busy(work);
  }

  private async faulty(operation: Operation, request: Request, work: () => Promise<Answer>): Promise<Answer> {
    const fault = this.around.faults.meet(operation, request.type_name);
    if (fault?.effect === 'hang') return never();
    const failed = () => {
      const kept = operation === 'read' ? request.current_state : request.prior_state;
      const message = fault?.message ?? 'Error 503: the service is currently unavailable';
      return { new_state: kept, private: request.private ?? request.planned_private, diagnostics: [refusal(message)] };
    };
    if (fault?.effect === 'fail') return failed();
    const answer = await this.busy(work);
    if (!fault) return answer;
    if (fault.effect === 'fail-after') return failed();
    if (fault.effect === 'kill') this.around.faults.kill();
    return never();
  }

  private async guarded(otherwise: Answer, work: () => Promise<Answer>): Promise<Answer> {
    try {
      return await work();
    } catch (error) {
      const diagnostics = [...(otherwise.diagnostics ?? []), thrown(error, this.provider.behaviour.name)];
      return { ...otherwise, diagnostics };
    }
  }
}

function write(values: Values | null, type: CtyType): DynamicValue {
  return { msgpack: encodeValue(values, type) };
}

/** The cloud key is kept in the private data of the provider, not in the state: not every resource has an id. */
function privateOf(key: string): Uint8Array {
  return Buffer.from(JSON.stringify({ key }));
}

function keyOf(data: Uint8Array, prior: Values): string {
  if (data.length > 0) return (JSON.parse(Buffer.from(data).toString()) as { key: string }).key;
  return String(prior['id'] ?? '');
}

function defined(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function never(): Promise<never> {
  return new Promise(() => {});
}

function missing(type: string): never {
  throw new Error(`the sandbox does not serve ${type}; npm run sandbox -- --types lists what it does`);
}
