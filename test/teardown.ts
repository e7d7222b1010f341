import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** Removes the place of all temporary folders of a run. */
export default function teardown(): void {
  rmSync(tmpdir(), { recursive: true, force: true });
}
