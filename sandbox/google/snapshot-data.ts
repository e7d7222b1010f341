import { type DataBehaviour, ProviderError } from '../protocol/behaviour';
import type { Values } from '../protocol/values';
import { compileFilter } from './rest/filter';
import { TO_REST } from './rest/resources';
import { rules, text } from './values';

/**
 * Data source `google_compute_snapshot`: one snapshot by its name, or the one that a list filter of the API finds.
 *
 * Source: https://github.com/hashicorp/terraform-provider-google/blob/v6.50.0/google/services/compute/data_source_google_compute_snapshot.go
 */
export const snapshotData: DataBehaviour = {
  type: 'google_compute_snapshot',
  arguments: rules('in-place', 'name', 'filter', 'most_recent', 'project'),
  read: async (config, { world, provider }) => {
    const [name, filter] = [text(config, 'name'), text(config, 'filter')];
    if (!name === !filter) throw new ProviderError('Invalid combination of arguments: set exactly one of filter, name');
    const project = text(config, 'project') || text(provider, 'project');
    const { type, convert } = TO_REST.snapshots;
    const matches = compileFilter(filter || `name = "${name}"`);
    const found = world
      .list(type)
      .filter((snapshot) => snapshot.key.startsWith(`projects/${project}/`) && matches(convert(world, snapshot)))
      .map(({ key, values }) => ({ key, values: values as Values }))
      .sort((a, b) => text(b.values, 'creation_timestamp').localeCompare(text(a.values, 'creation_timestamp')));
    const [newest] = found;
    if (name && !newest) throw new ProviderError(`projects/${project}/global/snapshots/${name} not found`);
    if (!newest || (found.length > 1 && config['most_recent'] !== true)) {
      throw new ProviderError(
        `your filter has returned ${found.length} snapshot(s). Please refine your filter or set most_recent to return exactly one snapshot`,
      );
    }
    const labels = newest.values['effective_labels'] ?? newest.values['labels'] ?? {};
    const asked = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null));
    return { ...newest.values, ...asked, id: newest.key, project, labels };
  },
};
