/** One attempt to break something. */
export interface Trial {
  readonly name: string;
  /** @returns what was wrong with how it was handled, or undefined. */
  run(): Promise<string | undefined>;
}

/** Trials of one kind. */
export interface Row {
  readonly name: string;
  readonly trials: readonly Trial[];
}

/** How a row went. */
export interface Outcome {
  readonly name: string;
  readonly tried: number;
  readonly handled: number;
  /** What was not handled, and why. */
  readonly problems: readonly string[];
}

/** Runs the trials of a row, some at once. @param parallel - how many. */
export async function outcomeOf({ name, trials }: Row, parallel: number): Promise<Outcome> {
  const waiting = [...trials];
  const problems: string[] = [];
  const worker = async () => {
    for (let trial = waiting.shift(); trial; trial = waiting.shift()) {
      const problem = await trial.run().catch((error: Error) => `the trial itself failed: ${error.message}`);
      if (problem === undefined) continue;
      problems.push(`${trial.name}: ${problem}`);
      if (process.env['STRATA_DEBUG']) console.error(problems.at(-1));
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return { name, tried: trials.length, handled: trials.length - problems.length, problems };
}
