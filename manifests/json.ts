/** A rendered Kubernetes object, or a part of one, before it is validated. */
// biome-ignore lint/suspicious/noExplicitAny: the checks look for keys that may be missing
export type Json = any;
