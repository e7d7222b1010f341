import { z } from 'zod';

/** A processor architecture, in the words of container images. */
export const architecture = z.enum(['amd64', 'arm64']);

/** A processor architecture, in the words of container images. */
export type Architecture = z.output<typeof architecture>;
