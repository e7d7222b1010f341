/** Values that one step of a rehearsal records and a later one compares with. */
export interface Memory {
  /** Unique ids of the application's pods, sorted, before a layer rebuild. */
  pods?: readonly string[];
  /** Addresses of all resources of the cloud layers before a layer rebuild, by layer. */
  cloudResources?: Readonly<Record<string, readonly string[]>>;
  /** Outputs of the layer with the machine, before the machine is lost. */
  machine?: Readonly<Record<string, unknown>>;
  /** Name and address of the cluster's node, before the machine is lost. */
  node?: { readonly nodeName: string; readonly address: string };
  /** When the snapshot was taken that the disk is restored from. */
  snapshotTakenAt?: Date;
}

/** Reads a value that an earlier step recorded. @throws if no step has, which is an error in the order of the steps. */
export function recall<K extends keyof Memory>(memory: Memory, key: K): NonNullable<Memory[K]> {
  const value = memory[key];
  if (value === undefined || value === null) throw new Error(`no earlier step has recorded ${key}`);
  return value;
}
