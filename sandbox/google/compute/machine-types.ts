import { types } from '../machine-types.json';

/** What a machine type has. */
export interface MachineType {
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly architecture: 'amd64' | 'arm64';
}

/** Predefined machine types. Source: https://cloud.google.com/compute/docs/machine-resource */
const TYPES = types as Readonly<Record<string, MachineType>>;

/** `n2-custom-4-8192`; `custom-4-8192` is of the first family. Source: Compute Engine, custom machine types. */
const CUSTOM = /^(?:(?:e2|n1|n2|n2d|n4)-)?custom-(\d+)-(\d+)(?:-ext)?$/;

/** A machine type by its name or self link. Undefined when the sandbox does not know it. */
export function machineType(reference: string): MachineType | undefined {
  const name = reference.split('/').at(-1) ?? '';
  const [, cpus, memory] = CUSTOM.exec(name) ?? [];
  return cpus ? { cpus: Number(cpus), memoryMiB: Number(memory), architecture: 'amd64' } : TYPES[name];
}
