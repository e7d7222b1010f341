/** What the sandbox offers to programs: start it, run commands in it, and change its simulated clouds. */

export { addSandboxOptions, runInSandbox, type SandboxCommandOptions } from './command-line';
export type { FaultRule } from './faults';
export { loseMachine, loseZone, powerOn, preempt } from './google/compute/machine';
export { networkSentence } from './isolation';
export { addToKubeconfig } from './kubernetes/clusters/kubeconfig';
export { type ExistingCluster, existingKey } from './machines/existing';
export { pushImage } from './registry/oci';
export { type AnsweringCluster, type Sandbox, type SandboxOptions, startSandbox } from './sandbox';
export type { WorldData } from './world';
