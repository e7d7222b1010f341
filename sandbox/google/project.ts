import { createHash } from 'node:crypto';
import type { DataBehaviour } from '../protocol/behaviour';
import { rules, text } from './resource';

/** The project, as it is: nobody makes projects here. */
export const project: DataBehaviour = {
  type: 'google_project',
  arguments: rules('in-place', 'project_id'),
  read: async (config, { provider }) => {
    const id = text(config, 'project_id') || text(provider, 'project');
    return {
      ...config,
      id: `projects/${id}`,
      project_id: id,
      number: projectNumber(id),
      name: id,
      auto_create_network: false,
      labels: {},
      effective_labels: {},
      terraform_labels: {},
    };
  },
};

/** The number that Google has given a project: twelve digits, here always the same for the same id. */
export function projectNumber(id: string): string {
  const digest = createHash('sha256').update(id).digest();
  return String(100_000_000_000 + (digest.readUIntBE(0, 6) % 900_000_000_000));
}
