import { type Context, type DataBehaviour, ProviderError } from '../protocol/behaviour';
import type { Values } from '../protocol/values';
import { notFound } from './cloud-error';
import { findImage } from './compute/images';
import { zonesOf } from './compute/places';
import { find, keyOf } from './references';
import type { GoogleType } from './resource-types';
import { refuseDisabled } from './services';
import { regionOf, rules, text } from './values';

/** A data source that shows a resource of the same project as it is now. */
function resourceData(type: GoogleType, names: readonly string[]): DataBehaviour {
  return {
    type,
    arguments: rules('in-place', ...names),
    async read(config, context) {
      const values = placed(config, context);
      refuseDisabled(type, text(values, 'project'), context);
      const key = text(config, 'self_link').replace(/^https:\/\/[^/]+\/compute\/v1\//, '') || keyOf(type, values);
      const object = find(context.world, type, key);
      if (!object) throw notFound(key);
      return { ...(object.values as Values), ...set(config), id: key };
    },
  };
}

const clientConfig: DataBehaviour = {
  type: 'google_client_config',
  arguments: {},
  sensitive: ['access_token'],
  async read(_config, { provider }) {
    const [project, region, zone] = ['project', 'region', 'zone'].map((name) => text(provider, name));
    return {
      id: `projects/"${project}"/regions/"${region}"/zones/"${zone}"`,
      ...{ project: project ?? null, region: region ?? null, zone: zone ?? null },
      access_token: 'simulated',
      default_labels: provider['default_labels'] ?? {},
    };
  },
};

const image: DataBehaviour = {
  type: 'google_compute_image',
  arguments: rules('in-place', 'name', 'family', 'project', 'filter', 'most_recent'),
  async read(config, context) {
    const [name, family] = [text(config, 'name'), text(config, 'family')];
    if (!name === !family) throw new ProviderError('Invalid combination of arguments: set exactly one of family, name');
    const { project = '' } = placed(config, context);
    const known = findImage(`${project}/${name || family}`);
    if (!known) throw notFound(`projects/${project}/global/images/${name ? name : `family/${family}`}`);
    const own = name || `${family}-v20260101`;
    const key = `projects/${project}/global/images/${own}`;
    return {
      ...set(config),
      ...{ id: key, name: own, family: family || null, project, status: 'READY', disk_size_gb: known.sizeGb },
      self_link: `https://www.googleapis.com/compute/v1/${key}`,
    };
  },
};

const secretVersion: DataBehaviour = {
  type: 'google_secret_manager_secret_version',
  arguments: rules('in-place', 'secret', 'project', 'version', 'is_secret_data_base64', 'fetch_secret_data'),
  sensitive: ['secret_data'],
  async read(config, context) {
    const values = placed(config, context);
    refuseDisabled('google_secret_manager_secret', text(values, 'project'), context);
    const secret = text(config, 'secret');
    const key = secret.includes('/') ? secret : `projects/${text(values, 'project')}/secrets/${secret}`;
    const versions = context.world.data.secretVersions[key];
    const wanted = text(config, 'version');
    const number = !wanted || wanted === 'latest' ? (versions?.length ?? 0) : Number(wanted);
    const data = versions?.[number - 1];
    if (data === undefined) throw notFound(`${key}/versions/${wanted || 'latest'}`);
    const isEncoded = config['is_secret_data_base64'] === true;
    return {
      ...set(config),
      ...{ id: `${key}/versions/${number}`, name: `${key}/versions/${number}`, version: String(number), enabled: true },
      project: text(values, 'project'),
      secret_data:
        config['fetch_secret_data'] === false ? null : isEncoded ? data : Buffer.from(data, 'base64').toString(),
      ...{ create_time: context.world.clock.iso(), destroy_time: '' },
    };
  },
};

const zones: DataBehaviour = {
  type: 'google_compute_zones',
  arguments: rules('in-place', 'project', 'region', 'status'),
  async read(config, context) {
    const values = placed(config, context);
    const region = text(values, 'region');
    const names = zonesOf(region);
    if (names.length === 0) throw notFound(`projects/${text(values, 'project')}/regions/${region}`);
    return {
      ...set(config),
      id: `projects/${text(values, 'project')}/regions/${region}`,
      project: text(values, 'project'),
      region,
      names,
    };
  },
};

/** Data sources that need nothing but the simulated resources. */
export const dataSources: readonly DataBehaviour[] = [
  clientConfig,
  image,
  secretVersion,
  zones,
  resourceData('google_compute_network', ['name', 'project']),
  resourceData('google_compute_subnetwork', ['name', 'project', 'region', 'self_link']),
  resourceData('google_compute_address', ['name', 'project', 'region']),
  resourceData('google_dns_managed_zone', ['name', 'project']),
  resourceData('google_service_account', ['account_id', 'project']),
  resourceData('google_storage_bucket', ['name', 'project']),
];

/** With what the provider block says where the configuration is silent. */
function placed(config: Values, { provider }: Context): Values {
  const region = text(provider, 'region') || regionOf(text(provider, 'zone'));
  return { project: provider['project'] ?? null, region, zone: provider['zone'] ?? null, ...set(config) };
}

function set(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}
