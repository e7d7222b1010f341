import { z } from 'zod';

/**
 * Format of the subject of a commit that changes a tag: `deploy: nextjs 8caff6f`, `Update todo-api to version 3c91f0e` or
 * `chore(admin): update image to dev-4f2a91c`.
 */
export const commitStyle = z.enum(['deploy', 'update', 'chore']);

/** Format of the subject of a commit that changes a tag. */
export type CommitStyle = z.output<typeof commitStyle>;
