import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { nearest } from '../../platforms/schema/problems';
import type { Json } from '../json';
import { type Unread, unread } from './closed';
import { KINDS, NEWER } from './kinds';

const MODULES = join(__dirname, '../../node_modules');

/** Packages by the API group that they describe; the groups of Kubernetes itself are in `kubernetes-models`. */
const PACKAGES: Readonly<Record<string, string>> = {
  'argoproj.io': '@kubernetes-models/argo-cd',
  'external-secrets.io': '@kubernetes-models/external-secrets',
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
  'postgresql.cnpg.io': '@kubernetes-models/cloudnative-pg',
};

/** What is wrong at a place of an object, and what to do. */
export interface Finding {
  /** Such as `spec.template.spec.containers[app].image`. */
  readonly path: string;
  readonly wrong: string;
  readonly fix: string;
}

/** What a validator has against a value: where, and what must be there. */
interface Refusal {
  readonly keys: readonly string[];
  readonly must: string;
}

type Validator = (value: Json) => Refusal[];

/** What the schema of its kind has against an object; a field that the schema does not know is refused too. */
export function validate(object: Json): Finding[] {
  const kind = `${object.apiVersion} ${object.kind}`;
  const own = KINDS[kind];
  const validator = own ? ofSchema(own) : ofPackage(object);
  if (!validator) {
    const fix = 'correct it, or describe the kind in manifests/schemas/kinds.ts';
    return [{ path: 'kind', wrong: `no schema for ${kind} is known`, fix }];
  }
  return findings(object, [], validator, kind);
}

function findings(root: Json, at: readonly string[], validator: Validator, kind: string): Finding[] {
  let refusals: Refusal[] = [];
  const unknown = unread(valueAt(root, at), (watched) => {
    refusals = validator(watched);
  });
  const byPath = new Map<string, Finding>();
  for (const { keys, must } of refusals) {
    const path = pathOf(root, [...at, ...keys]);
    const before = byPath.get(path);
    const wrong = `got ${show(valueAt(root, [...at, ...keys]))}`;
    byPath.set(path, { path, wrong, fix: before ? `${before.fix} or ${must.replace(/^be /, '')}` : `must ${must}` });
  }
  return [
    ...byPath.values(),
    ...unknown.flatMap((one) => {
      const keys = [...at, ...one.keys];
      const newer = NEWER[`${kind} ${keys.join('.')}`];
      return newer ? findings(root, keys, ofSchema(newer), kind) : [unknownField(root, keys, one.known)];
    }),
  ];
}

function unknownField(root: Json, keys: readonly string[], known: Unread['known']): Finding {
  const key = keys.at(-1) ?? '';
  const near = nearest(key, known);
  const all = known.length > 12 ? '' : `, or use one of ${known.join(', ')}`;
  const fix = near ? `did you mean "${near}"?` : `remove it${all}`;
  return { path: pathOf(root, keys), wrong: `unknown field, got ${show(valueAt(root, keys))}`, fix };
}

function ofSchema(schema: z.ZodType): Validator {
  return (value) =>
    (schema.safeParse(value, { reportInput: true }).error?.issues ?? []).map((issue) => ({
      keys: issue.path.map(String),
      must: mustOf(issue),
    }));
}

function mustOf(issue: z.core.$ZodIssue): string {
  if (issue.input === undefined) return 'be set';
  if (issue.code === 'invalid_type') return `be of type ${issue.expected}`;
  if (issue.code === 'invalid_value') return `be ${issue.values.map(show).join(' or ')}`;
  return issue.message.replace(/^.*?: (must )?/, '');
}

/** The compiled validator of a package. @returns undefined when the package does not have the kind. */
function ofPackage({ apiVersion, kind }: Json): Validator | undefined {
  const file = join(MODULES, PACKAGES[apiVersion.split('/')[0]] ?? 'kubernetes-models', apiVersion, `${kind}.js`);
  if (!existsSync(file)) return undefined;
  const model = require(file)[kind];
  return (value) => {
    try {
      model.prototype.validate.call(value);
      return [];
    } catch (error) {
      return (error as { errors: AjvError[] }).errors
        .filter(({ keyword }) => !/^(one|any)Of$/.test(keyword))
        .map(refusal);
    }
  };
}

/** As Ajv says it. */
interface AjvError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Json;
  readonly message: string;
}

function refusal({ instancePath, keyword, params, message }: AjvError): Refusal {
  const keys = instancePath
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (keyword === 'required') return { keys: [...keys, params.missingProperty], must: 'be set' };
  if (keyword === 'enum') return { keys, must: `be ${params.allowedValues.map(show).join(' or ')}` };
  if (keyword === 'type') return { keys, must: `be of type ${params.type}` };
  if (keyword === 'format') return { keys, must: `be a ${params.format}` };
  return { keys, must: message.replace(/^must /, '') };
}

function valueAt(root: Json, keys: readonly string[]): Json {
  return keys.reduce((node, key) => node?.[key], root);
}

/** As checks name a place: items of lists by their name if they have one. */
function pathOf(root: Json, keys: readonly string[]): string {
  return keys
    .map((key, index) => {
      const parent = valueAt(root, keys.slice(0, index));
      if (Array.isArray(parent)) return `[${parent[Number(key)]?.name ?? key}]`;
      return /^\w+$/.test(key) ? `.${key}` : `["${key}"]`;
    })
    .join('')
    .replace(/^\./, '');
}

function show(value: unknown): string {
  const text = String(JSON.stringify(value));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
