/** A word of a command: plain text, or the value of an environment variable. */
export type Word = string | { readonly variable: string; readonly option?: string };

/** The words of a command. */
export type Command = readonly Word[];

/** The value of an environment variable of the step as one word. */
export function value(variable: string): Word {
  return { variable };
}

/** An option with the value of an environment variable, such as `--tag=8caff6f`; no word at all where the variable is empty. */
export function option(option: string, variable: string): Word {
  return { option, variable };
}

/** One of our commands, by its name in package.json. */
export function ours(script: string, ...words: Command): Command {
  return ['npm', 'run', '--silent', script, '--', ...words];
}

/** `npm run ship` for the service, environment, trigger and tag that variables of the step hold. */
export function shipped(tag: string): Command {
  const about = [value('SERVICE'), '--env', value('ENVIRONMENT'), '--trigger', value('TRIGGER')];
  return ours('ship', ...about, option('--tag', tag));
}

/** A command as one line of a shell script. Variables are quoted, so that a value stays one word and is never run. */
export function shellLine(command: Command): string {
  return command.map(inShell).join(' ');
}

function inShell(word: Word): string {
  if (typeof word === 'string') {
    if (/^[\w@%+=:,./-]+$/.test(word)) return word;
    throw new Error(`"${word}" is no plain word of a command; pass it by an environment variable`);
  }
  const { variable, option: name } = word;
  return name ? `\${${variable}:+"${name}=$${variable}"}` : `"$${variable}"`;
}
