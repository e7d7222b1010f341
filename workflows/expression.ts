/** An expression of GitHub Actions, such as `${{ inputs.service }}`. */
export type Expression = `\${{ ${string} }}`;

/**
 * An expression of GitHub Actions.
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
 */
export function expression(text: string): Expression {
  return `\${{ ${text} }}`;
}

/** The value of an input. */
export function input(name: string): Expression {
  return expression(`inputs.${name}`);
}

/** The value of a secret. */
export function secret(name: string): Expression {
  return expression(`secrets.${name}`);
}

/** The value of a variable of the repository or environment. */
export function variable(name: string): Expression {
  return expression(`vars.${name}`);
}

/** True for one of some names, as the condition of a job or step. */
export function isOneOf(subject: string, names: readonly string[]): string {
  const [name] = names;
  return names.length === 1 ? `${subject} == '${name}'` : `contains(fromJSON('${JSON.stringify(names)}'), ${subject})`;
}
