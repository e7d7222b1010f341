import { type Duration, secondsFrom } from '../../duration';

const seconds = secondsFrom(
  "operators' experience of small single-node clusters, not measured by this project; hold it against a real run",
);

/** How long things take inside a cluster. The one table behind every simulated time of kubernetes/. */
export const DURATIONS = {
  'image pull': seconds(2, 12, 90),
  'container start': seconds(1, 3, 20),
  'container start with a readiness probe': seconds(5, 10, 60),
  'run of a job': seconds(2, 10, 600),
  'volume provisioning': seconds(2, 5, 15),
  'volume deletion': seconds(2, 5, 15),
  'retry of an image pull': seconds(10, 300, 300, 'kubelet: back-off of image pulls, at most 5 minutes'),
  'wait for an object': seconds(1, 2, 10, 'terraform-plugin-sdk: pauses between checks double, up to 10 seconds'),
  'end of a namespace': seconds(5, 8, 30),
} as const satisfies Record<string, Duration>;
