/** What an expression can read, by the name of its context. */
export type Contexts = Readonly<Record<string, unknown>>;

/** How the jobs or steps before have ended. */
interface Status {
  readonly success: boolean;
  readonly failure: boolean;
}

/** Evaluates expressions of workflows, by the library of GitHub's own editor support. */
export interface Expressions {
  /** A text with every `${{ }}` in it replaced by its value. */
  interpolate(text: string, contexts: Contexts): string;
  /** The condition of a job or step. Without a status function it asks for success as well. */
  holds(condition: string | undefined, contexts: Contexts, status: Status): boolean;
}

const STATUS = /\b(success|failure|always|cancelled)\s*\(/;
const BRACES = /\$\{\{([\s\S]*?)\}\}/g;

/** Loads the library, which is an ES module. */
export async function loadExpressions(): Promise<Expressions> {
  const { Evaluator, Lexer, Parser, data } = await import('@actions/expressions');

  function evaluate(text: string, contexts: Contexts, status: Status = { success: true, failure: false }) {
    const answer = (value: boolean) => new data.BooleanData(value);
    const functions = [
      { name: 'success', minArgs: 0, maxArgs: 0, call: () => answer(status.success) },
      { name: 'failure', minArgs: 0, maxArgs: 0, call: () => answer(status.failure) },
      { name: 'always', minArgs: 0, maxArgs: 0, call: () => answer(true) },
      { name: 'cancelled', minArgs: 0, maxArgs: 0, call: () => answer(false) },
    ];
    const known = JSON.parse(JSON.stringify(contexts), data.reviver) as InstanceType<typeof data.Dictionary>;
    const parsed = new Parser(new Lexer(text).lex().tokens, Object.keys(contexts), functions).parse();
    return new Evaluator(parsed, known, new Map(functions.map((one) => [one.name, one]))).evaluate();
  }

  return {
    interpolate: (text, contexts) =>
      text.replace(BRACES, (_, inner: string) => evaluate(inner, contexts).coerceString()),
    holds(condition, contexts, status) {
      if (condition === undefined) return status.success;
      const text = condition.replace(BRACES, '$1');
      const asked = STATUS.test(text) ? text : `success() && (${text})`;
      const value = evaluate(`!!(${asked})`, contexts, status);
      return value.coerceString() === 'true';
    },
  };
}
