/**
 * Takes the values of secrets out of the environment of this process, so that no program that it starts inherits them.
 *
 * @param names - as GitHub's secrets are called.
 */
export function takeSecrets(names: readonly string[], env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const values: Record<string, string> = {};
  for (const name of names) {
    const value = env[name];
    if (value !== undefined) values[name] = value;
    delete env[name];
  }
  return values;
}
