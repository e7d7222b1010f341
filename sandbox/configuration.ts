import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { providerVersion } from './protocol/schema/installed';
import { simulatedProviders } from './types';

/** Providers that are built into terraform. */
const BUILT_IN = ['terraform'];

const OPERATORS: Readonly<Record<string, (comparison: number) => boolean>> = {
  '=': (comparison) => comparison === 0,
  '!=': (comparison) => comparison !== 0,
  '>': (comparison) => comparison > 0,
  '>=': (comparison) => comparison >= 0,
  '<': (comparison) => comparison < 0,
  '<=': (comparison) => comparison <= 0,
};

/** What a configuration uses: types by their block, and providers by their source and version. */
interface Asked {
  readonly types: Set<string>;
  readonly versions: Map<string, string>;
}

/**
 * What the Terraform configuration in a folder uses and the sandbox does not simulate, one sentence each. Terraform itself
 * only says that a provider cannot be fetched, or does not support a type, and takes any version of one that is simulated.
 */
export function lacksOf(folder: string): string[] {
  const asked: Asked = { types: new Set(), versions: new Map() };
  for (const file of filesOf(folder)) {
    const text = readFileSync(join(folder, file), 'utf8');
    if (file.endsWith('.json')) readJson(text, asked);
    else readHcl(text, asked);
  }
  const nowhere = { fromKubeconfig: () => unreachable() };
  const simulated = simulatedProviders(nowhere);
  const known = new Set(simulated.flatMap(({ resources, data }) => [...resources, ...data].map(({ type }) => type)));
  const isSimulated = (name: string) => simulated.some((provider) => provider.name === name);
  const unsupported = [...asked.types].filter((type) => !known.has(type));
  const foreign = new Set(unsupported.map(providerOf).filter((name) => !isSimulated(name) && !BUILT_IN.includes(name)));
  const names = simulated.map(({ name }) => name).join(', ');
  return [
    ...[...foreign].map(
      (name) =>
        `the sandbox does not simulate the provider ${name}: terraform init cannot fetch it; simulated are ${names}`,
    ),
    ...unsupported
      .filter((type) => isSimulated(providerOf(type)))
      .map(
        (type) =>
          `the sandbox does not simulate ${type}, although its provider has it; --types lists the types that it simulates`,
      ),
    ...simulated.flatMap((provider) => {
      const wanted = asked.versions.get(provider.source) ?? asked.versions.get(provider.name);
      const version = providerVersion(provider.package ?? provider.name);
      if (!wanted || admits(wanted, version)) return [];
      return [`the configuration requires ${provider.source} ${wanted}, but the sandbox simulates ${version}`];
    }),
  ];
}

/** Whether a version fulfils a constraint in terraform's notation: `>= 4.0, < 7`, `~> 6.1`. */
export function admits(constraint: string, version: string): boolean {
  return constraint.split(',').every((part) => {
    const [, operator = '=', wanted = ''] = /^\s*(=|!=|>=|<=|>|<|~>)?\s*v?([\d.]+)\S*\s*$/.exec(part) ?? [];
    if (operator !== '~>') return OPERATORS[operator]?.(compare(version, wanted)) ?? false;
    // The last number may rise, those before it are fixed.
    const fixed = wanted.split('.').slice(0, -1);
    return compare(version, wanted) >= 0 && fixed.join('.') === version.split('.').slice(0, fixed.length).join('.');
  });
}

function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  const differing = [0, 1, 2].find((index) => (left?.[index] ?? 0) !== (right?.[index] ?? 0));
  return differing === undefined ? 0 : (left?.[differing] ?? 0) - (right?.[differing] ?? 0);
}

function filesOf(folder: string): string[] {
  return readdirSync(folder).filter((name) => /\.tf(\.json)?$/.test(name));
}

function readHcl(text: string, asked: Asked): void {
  for (const [, type = ''] of text.matchAll(/^\s*(?:resource|data)\s+"([\w-]+)"/gm)) asked.types.add(type);
  for (const [block = '', , source = ''] of text.matchAll(/\{[^{}]*\b(source)\s*=\s*"([\w./-]+)"[^{}]*\}/g)) {
    const [, version] = /\bversion\s*=\s*"([^"]+)"/.exec(block) ?? [];
    if (version) asked.versions.set(shortened(source), version);
  }
}

function readJson(text: string, asked: Asked): void {
  const json = JSON.parse(text) as {
    resource?: object;
    data?: object;
    terraform?: { required_providers?: Record<string, { source?: string; version?: string }> };
  };
  for (const type of [...Object.keys(json.resource ?? {}), ...Object.keys(json.data ?? {})]) asked.types.add(type);
  for (const [name, { source = name, version }] of Object.entries(json.terraform?.required_providers ?? {})) {
    if (version) asked.versions.set(shortened(source), version);
  }
}

/** `hashicorp/google` of `registry.terraform.io/hashicorp/google`. */
function shortened(source: string): string {
  return source.split('/').slice(-2).join('/');
}

function providerOf(type: string): string {
  return type.split('_')[0] ?? type;
}

function unreachable(): never {
  throw new Error('no cluster runs while a configuration is read');
}
