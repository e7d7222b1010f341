import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProviderFacts, ResourceFacts } from '../protocol/facts';
import type { ArgumentFacts, CheckFact } from '../protocol/schema/argument-facts';
import { supportedTypes } from '../types';
import { checkOf } from './messages';

/** What a table of `FACTS_DIR` says of one argument. */
export interface TableArgument extends Omit<ArgumentFacts, 'replace' | 'checks' | 'computed'> {
  readonly mode: 'required' | 'optional' | 'optional-computed' | 'computed';
  readonly type: string;
  readonly forceNew?: true;
  /** What its validators say of a wrong value. */
  readonly wrong?: readonly string[];
}

/** A table of `FACTS_DIR`: the schema of a provider, exported from its binary. */
export interface Table {
  readonly provider: string;
  readonly version: string;
  readonly resources: Readonly<Record<string, { readonly args: Readonly<Record<string, TableArgument>> }>>;
}

/** Providers that there are tables of, with the owner of their source. */
export const OWNERS = { google: 'hashicorp', kubernetes: 'hashicorp', github: 'integrations' } as const;

/** The rules of the simulated types out of a provider's table. @param types - all simulated ones */
export function rulesOf(table: Table, types: readonly string[]): ProviderFacts {
  const known = new Map<string, string>();
  const resources: Record<string, ResourceFacts | string> = {};
  for (const type of types.filter((each) => each in table.resources)) {
    const facts = resourceFacts(table.resources[type]?.args ?? {});
    const text = JSON.stringify(facts);
    resources[type] = known.get(text) ?? facts;
    if (!known.has(text)) known.set(text, type);
  }
  const owner = OWNERS[table.provider as keyof typeof OWNERS];
  return { provider: `${owner}/${table.provider} ${table.version}`, resources };
}

/** As it is kept: one line for each argument. */
export function format({ provider, resources }: ProviderFacts): string {
  const types = Object.entries(resources).map(([type, facts]) => {
    if (typeof facts === 'string') return `    ${JSON.stringify(type)}: ${JSON.stringify(facts)}`;
    const lines = Object.entries(facts).map(([path, fact]) => `      ${JSON.stringify(path)}: ${JSON.stringify(fact)}`);
    return `    ${JSON.stringify(type)}: {\n${lines.join(',\n')}\n    }`;
  });
  return `{\n  "provider": ${JSON.stringify(provider)},\n  "resources": {\n${types.join(',\n')}\n  }\n}\n`;
}

/** Where the rules of a provider are kept. */
export function rulesFile(provider: string): string {
  return join(__dirname, '..', provider, 'rules.json');
}

/** A table of a folder. @throws Error when it is not there */
export function readTable(folder: string, provider: string): Table {
  return JSON.parse(readFileSync(join(folder, `${provider}.json`), 'utf8')) as Table;
}

function resourceFacts(args: Readonly<Record<string, TableArgument>>): ResourceFacts {
  const facts = Object.entries(args).map(([path, argument]) => [path, argumentFacts(path, argument)] as const);
  return Object.fromEntries(facts.filter(([, fact]) => Object.keys(fact).length > 0));
}

function argumentFacts(path: string, argument: TableArgument): ArgumentFacts {
  const { max, min, mode } = argument;
  const checks: CheckFact[] = (argument.wrong ?? []).map((message) => checkOf(message, path));
  return {
    ...(argument.forceNew && mode !== 'computed' && { replace: true }),
    ...(argument.default !== undefined && { default: argument.default }),
    ...(checks.length > 0 && { checks: isChoice(checks) ? [{ ...(checks[0] as CheckFact), or: checks[1] }] : checks }),
    ...(max !== undefined && max > 1 && { max }),
    ...(min !== undefined && min > (mode === 'required' ? 1 : 0) && { min }),
    ...(mode === 'optional-computed' && argument.type.includes('block') && { computed: true }),
    ...(argument.sensitive && { sensitive: true }),
    ...(argument.writeOnly && { writeOnly: true }),
    ...combinations(argument),
  };
}

function combinations({ conflictsWith, exactlyOneOf, atLeastOneOf, requiredWith }: TableArgument): ArgumentFacts {
  return {
    ...(conflictsWith && { conflictsWith }),
    ...(exactlyOneOf && { exactlyOneOf }),
    ...(atLeastOneOf && { atLeastOneOf }),
    ...(requiredWith && { requiredWith }),
  };
}

/** `None`, or an address: the one place where either of two validators is enough. */
function isChoice(checks: readonly CheckFact[]): boolean {
  return checks.length === 2 && checks[0]?.check === 'oneOf' && checks[1]?.check === 'ip';
}

function main(folder: string): void {
  const types = supportedTypes()
    .filter(({ kind }) => kind === 'resource')
    .map(({ type }) => type);
  for (const provider of Object.keys(OWNERS)) {
    const rules = rulesOf(readTable(folder, provider), types);
    writeFileSync(rulesFile(provider), format(rules));
  }
}

if (require.main === module) {
  const folder = process.env['FACTS_DIR'];
  if (!folder)
    throw new Error('FACTS_DIR is not set; set it to the folder with google.json, kubernetes.json and github.json');
  main(folder);
}
