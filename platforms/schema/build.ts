import { z } from 'zod';

/** A path in a repository, which stays inside it. */
const inRepository = z
  .string()
  .regex(
    /^(?!\/)(?!.*(^|\/)\.\.(\/|$))./,
    'give a path inside the repository, without ".." and without a leading slash',
  );

/** How an image is built from its repository. */
export const build = z.strictObject({
  /** Build context: the folder that the build may read. @default '.' */
  context: inRepository.default('.'),
  /** @default - `Dockerfile` in the context */
  dockerfile: inRepository.optional(),
  /** A command that runs in the context before the image is built, such as `['mvn', '--batch-mode', 'package']`. @default - none */
  step: z.array(z.string().min(1)).min(1).optional(),
});

/** How an image is built from its repository. */
export type Build = z.output<typeof build>;
