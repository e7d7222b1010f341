import type { Controller } from '../api-server/api';
import { daemonSets } from './daemon-sets';
import { deployments } from './deployments';
import type { ImageSource } from './images';
import { jobs } from './jobs';
import { kubelet } from './kubelet';
import { namespaces } from './namespaces';
import { node } from './node';
import { replicaSets } from './replica-sets';
import { scheduler } from './scheduler';
import { statefulSets } from './stateful-sets';
import { storage } from './storage';

/** What every cluster runs from its first boot. @param images - what its node can pull. */
export function builtInControllers(images: ImageSource): Controller[] {
  return [
    node,
    namespaces,
    deployments,
    replicaSets,
    statefulSets,
    daemonSets,
    jobs,
    storage,
    scheduler,
    kubelet(images),
  ];
}
