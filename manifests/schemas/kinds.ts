import { z } from 'zod';

const text = z.string().min(1);
const notes = z.record(text, z.string()).optional();
const metadata = z.object({ name: text, namespace: text, labels: notes, annotations: notes });

/** Kinds that no package describes: the fields that we use. Source: the CRDs of their charts. */
export const KINDS: Readonly<Record<string, z.ZodType>> = {
  'argocd-image-updater.argoproj.io/v1alpha1 ImageUpdater': z.object({
    apiVersion: text,
    kind: text,
    metadata,
    spec: z.object({
      applicationRefs: z
        .array(
          z.object({
            namePattern: text,
            images: z
              .array(
                z.object({
                  alias: z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9-._]*$/),
                  imageName: text,
                  manifestTargets: z.object({ kustomize: z.object({ name: text }) }).optional(),
                }),
              )
              .min(1),
          }),
        )
        .min(1),
      commonUpdateSettings: z
        .object({
          updateStrategy: z.enum(['semver', 'newest-build', 'alphabetical', 'digest']).optional(),
          allowTags: text.optional(),
          platforms: z.array(text).optional(),
        })
        .optional(),
      writeBackConfig: z
        .object({
          method: z
            .string()
            .regex(/^(argocd|git|git:[a-zA-Z0-9][a-zA-Z0-9-._/:]*)$/)
            .optional(),
          gitConfig: z
            .object({ repository: text.optional(), branch: text.optional(), writeBackTarget: text.optional() })
            .optional(),
        })
        .optional(),
    }),
  }),
  'helm.cattle.io/v1 HelmChart': z.object({
    apiVersion: text,
    kind: text,
    metadata,
    spec: z.object({
      repo: z.url(),
      chart: text,
      version: text,
      targetNamespace: text,
      valuesContent: z.string().optional(),
    }),
  }),
};

/** Fields that the version we install has, and the schema of the package does not, by kind and path. */
export const NEWER: Readonly<Record<string, z.ZodType>> = {
  // The package drops every field of this name from its schemas; its types have it.
  'argoproj.io/v1alpha1 AppProject spec.description': text,
  'external-secrets.io/v1 SecretStore spec.provider.gcpsm.auth.workloadIdentityFederation': z.object({
    audience: text,
    serviceAccountRef: z.object({ name: text, namespace: text.optional(), audiences: z.array(text).optional() }),
  }),
};
