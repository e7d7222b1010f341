import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inHome } from '../../clients/kubeconfig';
import { FailedError, UsageError } from '../../errors';
import { assertHetznerK3s, HETZNER_K3S } from './hetzner-k3s';

/** Where releases are downloaded from. Source: https://github.com/vitobotta/hetzner-k3s/releases */
const RELEASES = 'https://github.com/vitobotta/hetzner-k3s/releases/download';

/** Folder of the program, in the home folder. */
const FOLDER = '~/.local/bin';

/**
 * Installs the pinned release of hetzner-k3s for Linux on amd64, unless it is installed. In a workflow, later steps find it.
 *
 * | variable | meaning | default |
 * | --- | --- | --- |
 * | `HETZNER_K3S_SHA256` | SHA-256 of the release, which publishes none: compare it once | none: refused |
 * | `STRATA_HETZNER_K3S_RELEASES` | where releases are downloaded from | GitHub |
 *
 * @returns the path of the program, or undefined if it was installed already
 * @throws {UsageError} without a checksum
 * @throws {FailedError} when the download fails, or is another program
 */
export async function installHetznerK3s(env: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  if (
    await assertHetznerK3s(env).then(
      () => true,
      () => false,
    )
  )
    return undefined;
  const { HETZNER_K3S_SHA256: wanted, STRATA_HETZNER_K3S_RELEASES: releases = RELEASES } = env;
  if (!/^[0-9a-f]{64}$/.test(wanted ?? '')) {
    throw new UsageError(
      `HETZNER_K3S_SHA256: got "${wanted ?? ''}"; give the SHA-256 of hetzner-k3s-linux-amd64 ${HETZNER_K3S}, 64 characters`,
    );
  }
  const address = `${releases}/${HETZNER_K3S}/hetzner-k3s-linux-amd64`;
  const response = await fetch(address, { signal: AbortSignal.timeout(120_000) }).catch((error: Error) => error);
  if (response instanceof Error) throw new FailedError(`could not download ${address}: ${response.message}`);
  if (!response.ok) throw new FailedError(`could not download ${address}: HTTP ${response.status}`);
  const program = Buffer.from(await response.arrayBuffer());
  const found = createHash('sha256').update(program).digest('hex');
  if (found !== wanted) {
    throw new FailedError(
      `${address} has SHA-256 ${found}, and HETZNER_K3S_SHA256 is ${wanted}; compare both with the release`,
    );
  }
  const folder = inHome(FOLDER, env);
  const path = join(folder, 'hetzner-k3s');
  await mkdir(folder, { recursive: true });
  await writeFile(`${path}.new`, program, { mode: 0o755 });
  await rename(`${path}.new`, path);
  if (env['GITHUB_PATH']) appendFileSync(env['GITHUB_PATH'], `${folder}\n`);
  return path;
}
