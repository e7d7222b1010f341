import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { UsageError } from '../../errors';

/** Name of the file, next to the kustomization whose tags it holds. */
export const PINS_FILE = 'pins.yaml';

const HEADER = `# Held by \`npm run tag -- pin\`: no delivery changes these tags until \`npm run tag -- unpin\`.\n`;

const pin = z.strictObject({
  /** The tag that stays. */
  tag: z.string().min(1),
  reason: z.string().min(1),
  /** Who pinned it. */
  by: z.string().min(1),
  /** RFC 3339. */
  since: z.iso.datetime(),
});

const schema = z.strictObject({ pins: z.record(z.string(), pin) });

/** A service whose tag does not change, such as after a rollback. */
export type Pin = Readonly<z.output<typeof pin>>;

/** The pins of an overlay, by service. */
export type Pins = Readonly<Record<string, Pin>>;

/** Reads the pins of an overlay. @throws {UsageError} when the file is not valid: nothing may then be overridden */
export function readPins(text: string | undefined, path = PINS_FILE): Pins {
  if (text === undefined) return {};
  const { success, data, error } = schema.safeParse(parse(text));
  if (success) return data.pins;
  throw new UsageError(`${path} is not valid, so no tag of this overlay can change:\n${z.prettifyError(error)}`);
}

/** The file of the pins. @returns null if none is left, to delete the file */
export function writePins(pins: Pins): string | null {
  return Object.keys(pins).length === 0 ? null : HEADER + stringify({ pins });
}
