/** What is needed to serve a simulated provider to terraform without the rest of the sandbox. */

export { CoverageCounter } from '../coverage';
export { simulatedProviders } from '../types';
export { World } from '../world';
export type { ProviderBehaviour } from './behaviour';
export type { CtyType, Fields } from './schema/field';
export { ServedProvider } from './served';
export { type ServedProviders, serveProviders } from './server';
export type { Value, Values } from './values';
