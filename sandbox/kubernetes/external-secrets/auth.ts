/** How a store proves to Google who it is. */
export interface GoogleAuth {
  readonly workloadIdentityFederation?: {
    readonly audience?: string;
    readonly serviceAccountRef?: { readonly audiences?: readonly string[] };
  };
}

/**
 * Succeeds when the token of a federated store is for the provider that it is shown to.
 *
 * External Secrets asks the API server for a token for `serviceAccountRef.audiences` and nothing else, and shows it to the
 * provider that `audience` names, which by default takes its own name, with `https:` or without. Source: External Secrets,
 * providers/v1/gcp/secretmanager/workload_identity_federation.go; Google's reference of a provider's `allowedAudiences`.
 *
 * @throws Error with Google's message: a token that names no audience is for the API server.
 */
export function assertTrusted({ workloadIdentityFederation: federation }: GoogleAuth = {}): void {
  const { audience = '', serviceAccountRef } = federation ?? {};
  if (!serviceAccountRef) return;
  const { audiences = ['https://kubernetes.default.svc.cluster.local'] } = serviceAccountRef;
  if (audiences.some((one) => one === audience || one === `https:${audience}`)) return;
  throw new Error(
    `unable to exchange token: invalid_grant: The audience in ID Token [${audiences.join(', ')}] does not match the expected audience ${audience}`,
  );
}
