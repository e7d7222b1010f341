import type { Context, ResourceBehaviour } from '../../sandbox/protocol/behaviour';
import { planCreate, planUpdate } from '../../sandbox/protocol/plan';
import { withDefaults } from '../../sandbox/protocol/planned';
import type { Field, Fields } from '../../sandbox/protocol/schema/field';
import type { Served } from '../../sandbox/protocol/served';
import type { Diagnostic } from '../../sandbox/protocol/tfplugin6';
import { problemsIn } from '../../sandbox/protocol/validate';
import { isObject, type Value, type Values } from '../../sandbox/protocol/values';
import type { TableArgument } from '../../sandbox/tools/rules';
import { World } from '../../sandbox/world';

/** One simulated type, asked about one argument after the other as terraform would ask. */
export class Judged {
  private readonly context: Context = {
    world: World.inMemory(),
    provider: { project: 'p', region: 'us-east1', zone: 'us-east1-b' },
    home: '',
  };

  constructor(private readonly served: Served<ResourceBehaviour>) {}

  /** What a change of an argument does. */
  change(path: string, before: Value, after: Value): 'replace' | 'in place' | 'refused' | 'nothing' {
    const [set, proposed] = [this.configure([[path, before]]), this.configure([[path, after]])];
    const prior = withDefaults(this.served.fields, set);
    const { replace, diagnostics, planned } = planUpdate('it', this.served, prior, proposed, proposed, this.context);
    if (diagnostics.length > 0) return 'refused';
    if (replace.length > 0) return 'replace';
    return JSON.stringify(planned) === JSON.stringify(prior) ? 'nothing' : 'in place';
  }

  /** What is planned for an argument that a configuration leaves out. */
  planned(path: string): Value | undefined {
    const { planned } = planCreate(this.served, this.configure([[parentOf(path), undefined]]));
    return path.split('.').reduce<Value | undefined>((outer, name) => {
      const inner = Array.isArray(outer) ? outer[0] : outer;
      return isObject(inner) ? inner[name] : undefined;
    }, planned);
  }

  /** What is wrong with a configuration of these arguments and nothing else, by the argument that each problem is about. */
  problems(set: readonly (readonly [path: string, value: Value])[]): Diagnostic[] {
    return problemsIn(this.served, this.configure(set));
  }

  /** A configuration of these arguments and the blocks around them. */
  private configure(set: readonly (readonly [path: string, value: Value | undefined])[]): Values {
    return set.reduce(
      (values, [path, value]) => (path ? put(this.served.fields, values, path.split('.'), value) : values),
      empty(this.served.fields),
    );
  }
}

/** The path of the block around an argument. */
export function parentOf(path: string): string {
  return path.split('.').slice(0, -1).join('.');
}

/** A value of an argument, in two variants that differ. */
export function sample({ type }: TableArgument, variant: 0 | 1): Value {
  const texts = ['one', 'two'] as const;
  if (/^(Set|List)\(block\)/.test(type)) return variant === 0 ? [] : [{}];
  if (/^(Set|List)/.test(type)) return [/Int|Float/.test(type) ? variant + 1 : texts[variant]];
  if (/^Map/.test(type)) return { key: texts[variant] };
  if (type === 'Bool') return variant === 1;
  return /Int|Float/.test(type) ? variant + 1 : texts[variant];
}

function empty(fields: Fields): Values {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, nothing(field)]));
}

function nothing({ kind, nesting }: Field): Value {
  return kind === 'block' && nesting !== 'single' ? [] : null;
}

function put(fields: Fields, values: Values, [head = '', ...rest]: string[], value: Value | undefined): Values {
  const field = fields[head];
  if (!field) throw new Error(`there is no argument ${head}`);
  const inner = field.fields;
  if (rest.length === 0) return { ...values, [head]: value === undefined ? [whole(inner)] : shaped(field, value) };
  if (!inner) throw new Error(`${head} has no arguments inside`);
  const old = values[head];
  const block = Array.isArray(old) ? old[0] : old;
  const changed = put(inner, isObject(block) ? block : empty(inner), rest, value);
  return { ...values, [head]: field.nesting === 'single' ? changed : [changed] };
}

/** A sample in the form of the schema: a block has all its arguments. */
function shaped(field: Field, value: Value): Value {
  if (!field.fields || !Array.isArray(value)) return value;
  return field.nesting === 'single'
    ? value.length > 0
      ? whole(field.fields)
      : null
    : value.map(() => whole(field.fields));
}

function whole(fields: Fields | undefined): Values {
  return empty(fields ?? {});
}
