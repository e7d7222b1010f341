import { z } from 'zod';

/** A path inside a repository. */
const inRepository = z
  .string()
  .regex(
    /^(?![/-])(?!.*(^|\/)\.\.(\/|$))[\w.@+/-]+$/,
    'give a path inside the repository, without ".." and without a leading slash',
  )
  .max(255, 'use at most 255 characters');

/** How an image is built from its repository. */
export const build = z.strictObject({
  /** Build context, as a path in the repository: the only folder that the build can read. @default '.' */
  context: inRepository.default('.'),
  /** Path of the Dockerfile in the repository. @default - `Dockerfile` in the context */
  dockerfile: inRepository.optional(),
  /** Command that runs in the context before the image is built, such as `['mvn', '--batch-mode', 'package']`. @default - none */
  step: z.array(z.string().min(1)).min(1).optional(),
});

/** How an image is built from its repository. */
export type Build = z.output<typeof build>;
