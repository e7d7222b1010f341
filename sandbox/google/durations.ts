import { type Duration, secondsFrom } from '../duration';

const seconds = secondsFrom(
  "operators' experience of the Compute API, not measured by this project; hold it against a real run",
);

/** How long Google takes, by operation. The one table behind every simulated time of google/. */
export const DURATIONS = {
  'network operation': seconds(10, 20, 45),
  'subnetwork operation': seconds(10, 15, 30),
  'firewall operation': seconds(5, 10, 15),
  'address operation': seconds(2, 5, 10),
  'router operation': seconds(10, 12, 25),
  'disk from image': seconds(5, 10, 20),
  'disk from snapshot': seconds(10, 30, 120),
  'disk deletion': seconds(1, 3, 10),
  'instance creation': seconds(10, 15, 30),
  'instance deletion': seconds(30, 60, 120),
  'instance update': seconds(2, 5, 15),
  'snapshot of a disk': seconds(30, 90, 300),
  'cluster operation': seconds(240, 420, 900),
  'node pool operation': seconds(60, 120, 300),
  'database instance operation': seconds(300, 600, 1200),
  'control plane call': seconds(1, 2, 5),
  'service activation': seconds(5, 15, 60),
  // Google names no figure but "a few minutes".
  'service propagation': seconds(0, 60, 300),
  // "In general, within 2 minutes; in some cases 7 minutes or more": cloud.google.com/iam/docs/access-change-propagation
  'IAM propagation': seconds(1, 60, 420),
  'boot of the guest': seconds(15, 25, 60),
  'first start of k0s': seconds(60, 90, 180),
  'later start of k0s': seconds(20, 35, 60),
} as const satisfies Record<string, Duration>;

/** An operation of the table. */
export type Operation = keyof typeof DURATIONS;
