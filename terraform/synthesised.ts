/** Where a state is in Cloud Storage. */
export interface GcsBackend {
  readonly bucket: string;
  readonly prefix: string;
}

/** The backend of a synthesised stack, from the text of its `cdk.tf.json`; undefined for a state that is not in a bucket. */
export function gcsBackendOf(text: string): GcsBackend | undefined {
  const { terraform } = JSON.parse(text) as {
    readonly terraform?: { readonly backend?: { readonly gcs?: GcsBackend } };
  };
  return terraform?.backend?.gcs;
}

/** Arguments of the google provider's block in a synthesised stack. */
export function googleProviderOf(text: string): Readonly<Record<string, unknown>> {
  const { provider } = JSON.parse(text) as {
    readonly provider?: { readonly google?: readonly Readonly<Record<string, unknown>>[] };
  };
  return provider?.google?.[0] ?? {};
}
