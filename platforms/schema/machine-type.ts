import { z } from 'zod';
import { types } from '../../sandbox/google/machine-types.json';

/** The file with all machine types that a platform can name. */
const FILE = 'sandbox/google/machine-types.json';

/** Memory that k0s, Argo CD and the operators of layer 01-k8s need at least. */
const LEAST_MEMORY_MIB = 4096;

const TYPES: Readonly<Record<string, { readonly memoryMiB: number; readonly architecture: string }>> = types;

/** A predefined Compute Engine machine type that k0s runs on. */
export const machineType = z.string().refine((name) => problemOf(name) === undefined, {
  error: ({ input }) => problemOf(String(input)),
});

/** Memory of a machine type, in MiB. @throws Error if the type is unknown. */
export function memoryOf(name: string): number {
  const type = TYPES[name];
  if (!type) throw new Error(`machine type "${name}" is not in ${FILE}`);
  return type.memoryMiB;
}

function problemOf(name: string): string | undefined {
  const type = TYPES[name];
  if (!type) return `unknown machine type; if Compute Engine has it, add it to ${FILE}`;
  if (type.architecture !== 'amd64') return 'use an amd64 machine type such as "e2-standard-2"';
  if (type.memoryMiB >= LEAST_MEMORY_MIB) return undefined;
  return 'name a machine type with at least 4 GiB of memory, such as "e2-medium"';
}
