import { stringify } from 'yaml';
import { z } from 'zod';
import type { Clock } from '../../clients/clock';
import { FailedError, RefusedError } from '../../errors';
import { noun } from '../../platforms/schema/noun';
import { check } from '../../platforms/schema/problems';
import type { CommitId, RefStore, Signature } from '../git/ref-store';
import { settledPush } from '../lock/settle';
import type { Approval } from './decide';
import { parseYaml } from './yaml';

/** Attempts to commit an approval while others push. */
const TRIES = 10;

/** A tag as registries allow it, or a commit. It becomes part of a path. */
const VERSION = /^\w[\w.-]{0,127}$/;

const file = z.strictObject({
  platform: noun,
  environment: noun,
  service: noun,
  version: z.string().regex(VERSION, 'give an image tag, or a commit'),
  expires: z.iso.datetime('give a time in UTC such as "2026-01-05T10:00:00Z"'),
  emergency: z.string().regex(/\S/, 'give the reason').optional(),
});

/** An approval before its approver is known. */
export type ApprovalDraft = z.output<typeof file>;

/** The version that an approval is for. */
export type ApprovalSubject = Pick<ApprovalDraft, 'platform' | 'environment' | 'service' | 'version'>;

/** Path of the file that approves a version. A later approval of the same version replaces it. */
export function approvalPath({ platform, environment, service, version }: ApprovalSubject): string {
  return `platforms/${platform}/approvals/${environment}/${service}/${version}.yaml`;
}

/**
 * The approval of a version in a commit of the platform's repository, expired or not. The approver is the author of the
 * commit that last changed the file, and a commit of a bot approves nothing.
 *
 * @throws {PlatformError} when the file is not valid
 */
export async function readApproval(
  store: RefStore,
  head: CommitId,
  subject: ApprovalSubject,
): Promise<Approval | undefined> {
  if (!VERSION.test(subject.version)) return undefined;
  const path = approvalPath(subject);
  const text = await store.file(head, path);
  if (text === undefined) return undefined;
  const approval = check(file, parseYaml(path, text), path);
  const [commit] = await store.log(head, path, 1);
  if (!commit || isBot(commit.author)) return undefined;
  return { ...approval, approver: commit.author };
}

/**
 * Commits an approval to a branch of the platform's repository, and tries again if others push meanwhile.
 *
 * @returns the commit
 * @throws {RefusedError} when the author is a bot, or the branch does not exist
 */
export async function commitApproval(
  store: RefStore,
  branch: string,
  draft: ApprovalDraft,
  author: Signature,
  clock: Clock,
): Promise<CommitId> {
  assertPerson(author);
  const ref = `refs/heads/${branch}`;
  const approval = check(file, draft, 'approval');
  for (let tries = 0; tries < TRIES; tries++) {
    const { [ref]: head = null } = await store.read(ref);
    if (!head) throw new FailedError(`the repository has no branch "${branch}"; push it`);
    const next = await store.commit({
      parent: head,
      author,
      date: clock.date(),
      message: messageOf(approval),
      files: new Map([[approvalPath(approval), stringify(approval)]]),
    });
    if ((await settledPush(store, [{ ref, expected: head, next }], clock)) === 'pushed') return next;
  }
  throw new FailedError(`others pushed to branch "${branch}" during each of ${TRIES} attempts; run this again`);
}

/** @throws {RefusedError} if it is a bot. */
export function assertPerson({ name, email }: Signature): void {
  if (!isBot(name) && !isBot(email)) return;
  throw new RefusedError(
    `only a person can approve, not ${name} <${email}>; run this on your own machine, with your own git identity`,
  );
}

/** GitHub ends the names of its Apps in `[bot]`, and begins the address by it. */
function isBot(name: string): boolean {
  return /\[bot\]|\bgithub-actions\b/i.test(name);
}

function messageOf({ platform, environment, service, version, expires, emergency }: ApprovalDraft): string {
  return [
    `Approve ${service} ${version} for ${environment}`,
    '',
    ...(emergency ? [`Overrides the deployment windows: ${emergency}`, ''] : []),
    `Platform: ${platform}`,
    `Environment: ${environment}`,
    `Service: ${service}`,
    `Version: ${version}`,
    `Expires: ${expires}`,
    '',
  ].join('\n');
}
