import { z } from 'zod';

/**
 * A CPU architecture, as container images name it. Source:
 * https://github.com/opencontainers/image-spec/blob/main/config.md#properties
 */
export const architecture = z.enum(['amd64', 'arm64']);

/** A CPU architecture, as container images name it. */
export type Architecture = z.output<typeof architecture>;
