import { z } from 'zod';

/**
 * How the subjects of tag commits are worded: `deploy: nextjs 8caff6f`, `Update todo-api to version 3c91f0e`, or
 * `chore(admin): update image to dev-4f2a91c`.
 */
export const commitStyle = z.enum(['deploy', 'update', 'chore']);

/** How the subjects of tag commits are worded. */
export type CommitStyle = z.output<typeof commitStyle>;
