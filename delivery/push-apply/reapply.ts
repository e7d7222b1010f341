import { UsageError } from '../../errors';
import type { RollbackRequest, RolledBack } from '../ship/rollback';
import type { Timeline } from '../ship/timeline';
import type { DeliveryTools } from '../ship/tools';
import { type ApplyRequest, applyEnvironment, deployedCommit } from './deploy';

/** The commit to return to, and the values of secrets. */
export type ReapplyRequest = RollbackRequest & Pick<ApplyRequest, 'values'>;

/**
 * Applies an earlier commit of an environment that CI applies. The next deployment replaces it: revert the newer commit in Git,
 * or set `enabled: false` in `deploy-control.yaml`.
 */
export async function reapply(tools: DeliveryTools, request: ReapplyRequest, timeline: Timeline): Promise<RolledBack> {
  const { service, to, revert, argocd, values, dryRun } = request;
  if (argocd !== undefined) throw new UsageError(`environment "${tools.env}" has no Argo CD; use --to or --revert`);
  const revision = to ?? (revert && `${revert}^`);
  if (!revision) throw new UsageError(`give the commit to apply with --to, or the one to revert with --revert`);
  const from = (await deployedCommit(tools)) ?? 'nothing';
  const applied = {
    service,
    commit: revision,
    trigger: 'manual',
    isRollback: true,
    values,
    ...(dryRun && { dryRun }),
  } as const;
  const { outcome, commit } = await applyEnvironment(tools, applied, timeline);
  if (outcome === 'rolled out') {
    tools.report(
      '  the next deployment replaces it: revert the newer commit, or set enabled: false in deploy-control.yaml',
    );
  }
  return { service, env: tools.env, from: from.slice(0, 7), to: commit.slice(0, 7), outcome, commit };
}
