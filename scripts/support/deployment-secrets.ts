/**
 * Removes the values of secrets from the environment of this process, so that its child processes do not inherit them.
 *
 * @param names - names of the GitHub secrets.
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
