/** What is needed to serve a simulated provider to terraform without the rest of the sandbox. */

export { CoverageCounter } from './coverage';
export type { ProviderBehaviour } from './protocol/behaviour';
export type { CtyType, Fields } from './protocol/schema/field';
export { ServedProvider } from './protocol/served';
export { type ServedProviders, serveProviders } from './protocol/server';
export type { Value, Values } from './protocol/values';
export { simulatedProviders } from './types';
export { World } from './world';
