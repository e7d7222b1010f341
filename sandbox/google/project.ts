import type { DataBehaviour } from '../protocol/behaviour';
import { projectNumber } from './project-number';
import { refuseDisabled } from './services';
import { rules, text } from './values';

/** The project; projects are not created here. */
export const project: DataBehaviour = {
  type: 'google_project',
  arguments: rules('in-place', 'project_id'),
  read: async (config, context) => {
    const id = text(config, 'project_id') || text(context.provider, 'project');
    refuseDisabled('google_project', id, context);
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
