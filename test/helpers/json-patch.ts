import type { Json } from './synth';

/** One step of a JSON patch (RFC 6902), as far as tests use it. */
export interface PatchStep {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}

/** Changes a value in place. @throws when a path leads nowhere, so that no patch passes without doing something. */
export function applyPatch(target: Json, steps: readonly PatchStep[]): void {
  for (const { op, path, value } of steps) {
    const keys = path
      .split('/')
      .slice(1)
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = keys.pop() ?? '';
    const parent = keys.reduce((node, key) => node?.[key], target);
    if (typeof parent !== 'object' || (op !== 'add' && !(last in parent))) throw new Error(`nothing is at ${path}`);
    if (Array.isArray(parent) && op === 'add') parent.splice(last === '-' ? parent.length : Number(last), 0, value);
    else if (Array.isArray(parent) && op === 'remove') parent.splice(Number(last), 1);
    else if (op === 'remove') delete parent[last];
    else parent[last] = value;
  }
}
