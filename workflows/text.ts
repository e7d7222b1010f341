import { Document, isMap, isScalar, visit } from 'yaml';
import { ACTIONS, type Action } from './actions';
import { shellLine } from './command';
import type { CallJob, Step, StepsJob, Workflow } from './workflow';

const SCHEMA = 'yaml-language-server: $schema=https://json.schemastore.org/github-workflow.json';

/**
 * A workflow as the text of its file. Actions are pinned by digest, with their version as a comment, and no job has
 * permissions but its own.
 *
 * @param source - path of the description that it was generated from.
 */
export function textOf({ name, on, jobs, ...rest }: Workflow, source: string): string {
  const document = new Document(
    {
      name,
      on:
        on.workflow_dispatch && Object.keys(on.workflow_dispatch).length === 0
          ? { ...on, workflow_dispatch: null }
          : on,
      permissions: {},
      ...rest,
      jobs: Object.fromEntries(
        Object.entries(jobs).map(([id, job]) => [id, 'steps' in job ? stepsJob(job) : callJob(job)]),
      ),
    },
    { aliasDuplicateObjects: false },
  );
  document.commentBefore = ` ${SCHEMA}\n Generated from ${source}: change that, then run \`npm run workflows -- --write\`.`;
  visit(document, {
    Pair: (_, { key, value }) => {
      if (!isScalar(key) || key.value !== 'uses' || !isScalar(value)) return;
      const [action = ''] = String(value.value).split('@');
      if (isAction(action)) value.comment = ` ${ACTIONS[action].version}`;
    },
    Map: (_, node, path) => {
      // One empty line before each job makes a long file readable.
      const parent = path.at(-1);
      if (parent && 'key' in parent && isScalar(parent.key) && parent.key.value === 'jobs' && isMap(node)) {
        for (const { key } of node.items.slice(1)) if (isScalar(key)) key.spaceBefore = true;
      }
    },
  });
  return document.toString({ lineWidth: 0, nullStr: '' });
}

function stepsJob({ steps, permissions, needs, ...job }: StepsJob) {
  const { name, if: condition, 'runs-on': runsOn, ...rest } = job;
  return {
    name,
    ...(needs && { needs }),
    ...(condition && { if: condition }),
    'runs-on': runsOn,
    permissions,
    ...rest,
    steps: steps.map(step),
  };
}

function callJob({ name, needs, if: condition, permissions, ...rest }: CallJob) {
  return { name, ...(needs && { needs }), ...(condition && { if: condition }), permissions, ...rest };
}

function step(one: Step) {
  if ('run' in one) {
    const { run, ...rest } = one;
    return { ...rest, run: shellLine(run) };
  }
  const { uses, with: inputs, ...rest } = one;
  return { ...rest, uses: `${uses}@${ACTIONS[uses].digest}`, ...(inputs && { with: inputs }) };
}

function isAction(name: string): name is Action {
  return Object.hasOwn(ACTIONS, name);
}
