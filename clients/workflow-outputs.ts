import { appendFileSync } from 'node:fs';

/**
 * Sets an output of the workflow step that runs this command, for the steps and jobs after it. Does nothing outside of a workflow.
 *
 * | variable | meaning | default |
 * | --- | --- | --- |
 * | `GITHUB_OUTPUT` | file that GitHub reads outputs from | none: no workflow runs this |
 *
 * @param value - one line.
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-output-parameter
 */
export function setOutput(name: string, value: string, env: NodeJS.ProcessEnv = process.env): void {
  const file = env['GITHUB_OUTPUT'];
  if (!file) return;
  if (/[\r\n]/.test(value)) throw new Error(`output "${name}" has several lines; GitHub would read them as outputs`);
  appendFileSync(file, `${name}=${value}\n`);
}

/**
 * Adds a text to the page of the workflow run that this command is part of. Does nothing outside of a workflow.
 *
 * | variable | meaning | default |
 * | --- | --- | --- |
 * | `GITHUB_STEP_SUMMARY` | file that GitHub shows, in Markdown | none: no workflow runs this |
 *
 * @param text - shown as it is, line by line.
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#adding-a-job-summary
 */
export function addSummary(title: string, text: string, env: NodeJS.ProcessEnv = process.env): void {
  const file = env['GITHUB_STEP_SUMMARY'];
  if (!file || text === '') return;
  // A fence inside the text would end the block.
  appendFileSync(file, `### ${title}\n\n~~~text\n${text.replaceAll('~~~', '---')}\n~~~\n\n`);
}
