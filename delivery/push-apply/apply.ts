import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../clients/clock';
import { type Kubectl, KubectlError, kustomize } from '../../clients/kubectl';
import { FailedError, RefusedError } from '../../errors';
import { fillTemplates } from '../secret-templates';

/** Field manager of what is applied. Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/ */
const FIELD_MANAGER = 'strata';

/** Time in which operators have to install their CRDs, and their webhooks to answer. */
const INSTALL_SECONDS = 300;
const INTERVAL_MS = 2_000;

/** Errors of the API server for a custom resource whose operator is still being installed. */
const NOT_INSTALLED = /no matches for kind|failed calling webhook/;

/** Manifests to apply. They contain passwords: they stay in memory, and are passed to kubectl on standard input. */
export interface Manifests {
  /** Operators and their CRDs, which are applied first. @default - none */
  readonly infrastructure?: string;
  readonly overlay: string;
}

/** How to apply. */
export interface ApplyOptions {
  readonly kubectl: Kubectl;
  readonly clock: Clock;
  /** True to take over fields of other field managers. @default false */
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
 * Renders the manifests that CI applies to an environment, and replaces the placeholders of its Secrets by values.
 *
 * @param folder - a checkout of the repository.
 * @param path - of the overlay in it.
 * @param values - by the names that GitHub's secrets have.
 * @throws {RefusedError} if a placeholder has no value.
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
 * Applies the operators, then the overlay as soon as their CRDs are installed.
 *
 * @returns what was applied, as `kind/name`.
 * @throws {RefusedError} if another field manager owns a field that would change.
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
      onProgress?.(`waiting for the operators: ${line}`);
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
      `another field manager owns fields that would change:\n${error.stderr.trim()}\n` +
        'find and stop it, or take over the fields with --force-conflicts "REASON", which is recorded',
    );
  }
}

/** @throws {FailedError} if the installation of a Helm chart has failed */
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
  if (failures.length > 0) throw new FailedError(`an operator could not be installed: ${failures.join('; ')}`);
}
