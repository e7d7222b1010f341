import { ComputeNetwork } from '@cdktf/provider-google/lib/compute-network';
import { ComputeSubnetwork } from '@cdktf/provider-google/lib/compute-subnetwork';
import { PLATFORM_SERVICES, ProjectServices } from '../../../constructs/google/project-services';
import { firstServicesOf } from '../../../platforms/schema/first-services';
import threads from '../../../platforms/threads/platform';
import { type Json, synthScope, temporaryFolder } from '../../helpers/synth';

const { resource } = synthScope(temporaryFolder(), (scope) => {
  const services = new ProjectServices(scope, 'services', { project: 'p', services: PLATFORM_SERVICES });
  services.requiredBy(scope);
  const network = new ComputeNetwork(scope, 'network', { name: 'a' });
  new ComputeSubnetwork(scope, 'subnet', {
    name: 'b',
    network: network.id,
    ipCidrRange: '10.0.0.0/24',
    dependsOn: [network],
  });
});
const [address] = Object.keys(resource.google_project_service);
const services: Json = resource.google_project_service[address ?? ''];

test('services stay on when an environment is destroyed: others may use the same project', () => {
  expect(services.disable_on_destroy).toBe(false);
});

test('each service is switched on under its own name', () => {
  expect(services.service).toBe('${each.value}');
  expect(services.for_each).toMatchObject({
    compute: 'compute.googleapis.com',
    iap: 'iap.googleapis.com',
    oslogin: 'oslogin.googleapis.com',
    secretmanager: 'secretmanager.googleapis.com',
  });
});

test('everything else, including later resources, waits until they are effective, in addition to its other dependencies', () => {
  const [network] = Object.entries<Json>(resource.google_compute_network);
  const [subnet] = Object.values<Json>(resource.google_compute_subnetwork);
  const [[sleep, effective]] = Object.entries<Json>(resource.time_sleep) as [[string, Json]];
  expect(network?.[1].depends_on).toEqual([`time_sleep.${sleep}`]);
  expect(subnet.depends_on).toEqual([`google_compute_network.${network?.[0]}`, `time_sleep.${sleep}`]);
  expect(effective).toMatchObject({ create_duration: '120s', depends_on: [`google_project_service.${address}`] });
  expect(services.depends_on).toBeUndefined();
});

test('a service that is added later is waited for too', () => {
  const [effective] = Object.values<Json>(resource.time_sleep);
  expect(effective.triggers.services.split(' ')).toEqual(Object.keys(services.for_each));
});

test('the first services are among them, so that the layer knows all that it needs', () => {
  expect(Object.keys(services.for_each)).toEqual(expect.arrayContaining(firstServicesOf(threads)));
});
