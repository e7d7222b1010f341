import type { LayerId } from '../../contracts/layers';
import { type FaultRule, powerOn, preempt } from '../../sandbox';
import type { SimulatedGround } from '../ground';
import type { Boundary } from './world';

/** Something that goes wrong in the cloud while a layer is applied, and ends by itself or by a person's hand. */
export interface Incident {
  readonly name: string;
  readonly layer: LayerId;
  /** Brings it about. Called before the apply. */
  begin(ground: SimulatedGround): void;
  /** Ends it. Called once the apply has failed. */
  end(ground: SimulatedGround): Promise<void> | void;
}

/** Longest wait until a new right or an enabled service counts, in seconds. Source: `DURATIONS` of the sandbox. */
const PROPAGATION_SECONDS = 420;

/** Messages of Google, as its documentation and the provider's issues quote them. */
const MESSAGES = {
  quota:
    "Error creating instance: googleapi: Error 403: Quota 'CPUS' exceeded. Limit: 8.0 in region us-east1., quotaExceeded",
  stockOut:
    "Error waiting for instance to create: The zone 'us-east1-b' does not have enough resources available to fulfill the request. Try a different zone, or try again later., ZONE_RESOURCE_POOL_EXHAUSTED",
  zone: 'googleapi: Error 503: The zone is currently unavailable., backendError',
  permission: "googleapi: Error 403: Required 'compute.instances.create' permission, forbidden",
} as const;

/** Refuses calls of some types until the faults are lifted. */
function refused(name: string, layer: LayerId, types: readonly string[], message: string): Incident {
  const rules = types.map((type): FaultRule => ({ operation: 'create', type, effect: 'fail', message }));
  return {
    name,
    layer,
    begin: ({ sandbox }) => sandbox.faults.set(rules),
    end: ({ sandbox }) => sandbox.faults.set([]),
  };
}

/** Every incident, on the layers of an environment with a VM. */
export const INCIDENTS: readonly Incident[] = [
  refused('quota exceeded', '00-vpc', ['google_compute_instance'], MESSAGES.quota),
  refused('no capacity in the zone', '00-vpc', ['google_compute_instance'], MESSAGES.stockOut),
  refused('zone lost', '00-vpc', ['google_compute_instance', 'google_compute_disk'], MESSAGES.zone),
  refused('permission not yet effective', '00-vpc', ['google_compute_instance'], MESSAGES.permission),
  {
    name: 'API not yet effective',
    layer: '00-vpc',
    begin: ({ sandbox: { world } }) => {
      for (const { services } of Object.values(world.data.projects))
        services['iam.googleapis.com'] = world.clock.now() + PROPAGATION_SECONDS * 1000;
    },
    end: (ground) => ground.pass(PROPAGATION_SECONDS),
  },
  {
    name: 'state write refused',
    layer: '00-vpc',
    begin: ({ sandbox: { faults } }) => {
      faults.refuseStateWrites = true;
    },
    end: ({ sandbox: { faults } }) => {
      faults.refuseStateWrites = false;
    },
  },
  {
    name: 'VM preempted',
    layer: '01-k8s',
    begin: ({ sandbox }) => {
      const message = 'Kubernetes cluster unreachable: connect: connection refused';
      sandbox.faults.set([{ operation: 'create', type: 'helm_release', nth: 1, effect: 'fail', message }]);
      sandbox.faults.onMeet = () => {
        for (const key of machinesOf(sandbox)) preempt(sandbox.world, key);
      };
    },
    end: ({ sandbox }) => {
      sandbox.faults.onMeet = () => {};
      sandbox.faults.set([]);
      for (const key of machinesOf(sandbox)) powerOn(sandbox.world, key);
    },
  },
];

/** The incident on the clouds that it happens to; undefined if the environment has no such layer. */
export function boundaryOf({ layer }: Incident, boundaries: readonly Boundary[]): Boundary | undefined {
  return boundaries.find((one) => one.verb === 'apply' && one.layer === layer);
}

function machinesOf({ world }: SimulatedGround['sandbox']): string[] {
  return Object.keys(world.data.machines);
}
