import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Kubectl, KubectlError, kustomize } from '../../clients/kubectl';
import { FailedError, RefusedError } from '../../errors';
import type { Clock } from '../clock';
import { fillTemplates } from '../secret-templates';

/** Who owns the fields that this applies. Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/ */
const FIELD_MANAGER = 'strata';

/** How long owners of CRDs may take to install them, and their webhooks to answer. */
const INSTALL_SECONDS = 300;
const INTERVAL_MS = 2_000;

/** How the API server refuses a custom resource whose owner is still being installed. */
const NOT_INSTALLED = /no matches for kind|failed calling webhook/;

/** What is to be applied. It has passwords in it: it stays in memory, and reaches kubectl by standard input. */
export interface Manifests {
  /** Owners of CRDs, which come before the users of those. @default - none */
  readonly infrastructure?: string;
  readonly overlay: string;
}

/** How to apply. */
export interface ApplyOptions {
  readonly kubectl: Kubectl;
  readonly clock: Clock;
  /** Take fields that another manager owns. @default false */
  readonly forceConflicts?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (message: string) => void;
}

interface Applied {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

/**
 * Builds what CI applies to an environment, with values in place of the placeholders of its Secrets.
 *
 * @param folder - a checkout of the repository.
 * @param path - of the overlay in it.
 * @param values - by the names that GitHub's secrets have.
 * @throws {RefusedError} when a placeholder would be left.
 */
export async function buildManifests(
  folder: string,
  path: string,
  values: Readonly<Record<string, string | undefined>>,
): Promise<Manifests> {
  const owners = join(folder, path, 'infrastructure');
  return {
    ...(existsSync(owners) && { infrastructure: fillTemplates(await kustomize(owners), values) }),
    overlay: fillTemplates(await kustomize(join(folder, path)), values),
  };
}

/**
 * Applies the owners of CRDs, then the overlay, as soon as those are installed.
 *
 * @returns what was applied, as `kind/name`.
 * @throws {RefusedError} when another manager owns a field that this would change.
 */
export async function applyManifests({ infrastructure, overlay }: Manifests, options: ApplyOptions): Promise<string[]> {
  const { clock, signal, onProgress } = options;
  if (!infrastructure) return serverSideApply(overlay, options);
  const owners = await serverSideApply(infrastructure, options);
  const deadline = clock.now() + INSTALL_SECONDS * 1000;
  for (;;) {
    try {
      return [...owners, ...(await serverSideApply(overlay, options))];
    } catch (error) {
      const [line] =
        error instanceof KubectlError ? error.stderr.split('\n').filter((one) => NOT_INSTALLED.test(one)) : [];
      if (!line || clock.now() >= deadline) throw error;
      await assertInstallable(infrastructure, options);
      onProgress?.(`the owners of CRDs are being installed: ${line}`);
      await clock.sleep(INTERVAL_MS, signal);
    }
  }
}

async function serverSideApply(manifests: string, { kubectl, forceConflicts }: ApplyOptions): Promise<string[]> {
  const force = forceConflicts ? ['--force-conflicts'] : [];
  const args = [
    'apply',
    '--server-side',
    `--field-manager=${FIELD_MANAGER}`,
    ...force,
    '--filename=-',
    '--output=name',
  ];
  try {
    return (await kubectl.run(args, manifests)).split('\n').filter(Boolean);
  } catch (error) {
    if (!(error instanceof KubectlError) || !/conflict/i.test(error.stderr)) throw error;
    throw new RefusedError(
      `another manager owns fields that this would change:\n${error.stderr.trim()}\n` +
        'find out who it is and end it; or take the fields with --force-conflicts "REASON", which is recorded',
    );
  }
}

/** @throws {FailedError} when a Helm chart has failed to install */
async function assertInstallable(manifests: string, { kubectl }: ApplyOptions): Promise<void> {
  const found = await kubectl.json<Applied | { readonly items: readonly Applied[] }>(
    ['get', '--filename=-'],
    manifests,
  );
  const failures = ('items' in found ? found.items : [found]).flatMap(({ kind, metadata, status }) =>
    (status?.conditions ?? [])
      .filter(({ type, status: value }) => type === 'Failed' && value === 'True')
      .map(({ message }) => `${kind} ${metadata.name}: ${message}`),
  );
  if (failures.length > 0) throw new FailedError(`an owner of CRDs cannot be installed: ${failures.join('; ')}`);
}
