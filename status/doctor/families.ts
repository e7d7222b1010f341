import type { Family } from './check';
import { argocd } from './checks/argocd';
import { credentials } from './checks/credentials';
import { delivery } from './checks/delivery';
import { github } from './checks/github';
import { images } from './checks/images';
import { network } from './checks/network';
import { project } from './checks/project';
import { tools } from './checks/tools';
import { workloads } from './checks/workloads';

/** All checks, in the order in which they are shown: what the others need comes first. */
export const FAMILIES: readonly Family[] = [
  tools,
  credentials,
  network,
  project,
  github,
  images,
  argocd,
  workloads,
  delivery,
];
