import { readImage } from '../../manifests/image-entry';
import type { CommitId, RefStore } from '../git/ref-store';
import { readTagMessage, type TagAction } from './message';
import { kustomizationOf, type TagTarget } from './tag';

/** Commits of the kustomization to read for each entry, since it also has the tags of other services. */
const COMMITS_PER_ENTRY = 20;

/** A tag that a service had, and the commit that set it. */
export interface TagHistoryEntry {
  readonly commit: CommitId;
  /** RFC 3339. */
  readonly date: string;
  readonly author: string;
  readonly tag: string;
  /** @default - it was not written by `tag` */
  readonly action?: TagAction;
  readonly run?: string;
}

/** Reads the tags that a service had from the history of its kustomization, newest first, whoever wrote them. */
export async function readTagHistory(
  store: RefStore,
  head: CommitId,
  target: TagTarget,
  limit: number,
): Promise<TagHistoryEntry[]> {
  const path = kustomizationOf(target);
  const entries: TagHistoryEntry[] = [];
  let oldest: TagHistoryEntry | undefined;
  for (const { id, date, author, message } of await store.log(head, path, limit * COMMITS_PER_ENTRY)) {
    const tag = tagIn(await store.file(id, path), target.image);
    if (oldest && tag !== oldest.tag) entries.push(oldest);
    oldest = undefined;
    if (tag === undefined || entries.length === limit) break;
    const { action, run } = readTagMessage(message) ?? {};
    oldest = { commit: id, date, author, tag, ...(action && { action }), ...(run && { run }) };
  }
  return oldest ? [...entries, oldest] : entries;
}

/** Undefined before the image had a tag. */
function tagIn(kustomization: string | undefined, image: string): string | undefined {
  try {
    return kustomization === undefined ? undefined : readImage(kustomization, image).tag;
  } catch {
    return undefined;
  }
}
