import type { Clock } from '../../clients/clock';
import { RefusedError, UsageError } from '../../errors';
import { readImage, setImages } from '../../manifests/image-entry';
import { environmentOf, type Platform } from '../../platforms/schema/define-platform';
import type { CommitId, RefStore } from '../git/ref-store';
import { type Ancestry, compareTags, isPlaceholder } from './ancestry';
import { pinInImageUpdater } from './image-updater-pin';
import { type TagAction, tagMessage } from './message';
import { PINS_FILE, type Pin, type Pins, readPins, writePins } from './pins';
import { ancestryRefusal, pinRefusal } from './refusals';
import { kustomizationOf, type TagChange, type TagTarget, type WantedTag } from './tag';
import { readTagHistory } from './tag-history';
import { compareVersions } from './upstream';

/** A planned commit: its changes and its message. */
export interface Edit {
  /** Empty if nothing has to change. */
  readonly files: ReadonlyMap<string, string | null>;
  readonly changes: readonly TagChange[];
  readonly message: string;
}

/** Dependencies of edits. */
export interface EditOptions {
  readonly store: RefStore;
  readonly clock: Clock;
  readonly platform: Platform;
  readonly env: string;
  /** The run that writes: a URL, or a name. */
  readonly run: string;
}

/** Plans changes of tags, on one head of the branch. */
export class TagEdits {
  constructor(private readonly options: EditOptions) {}

  /** @throws {RefusedError} with the reason of every tag that is pinned or does not descend from the deployed one */
  async set(head: CommitId, wanted: readonly WantedTag[], inPullRequest: boolean): Promise<Edit> {
    const { env, platform, clock } = this.options;
    if (this.isWrittenByImageUpdater()) {
      throw new RefusedError(
        `Image Updater writes the tags of ${platform.name} ${env}; push an image, or pin a tag with: npm run tag -- pin`,
      );
    }
    const files = new Map<string, string>();
    const changes: TagChange[] = [];
    const refusals: string[] = [];
    for (const { target, tag, digest } of wanted) {
      const path = kustomizationOf(target);
      const text = files.get(path) ?? (await this.kustomization(head, target));
      const { tag: from } = readImage(text, target.image);
      const refused = { env, service: target.service, tag, deployed: from };
      const pin = (await this.pins(head, target))[target.service];
      const ancestry = await this.compare(head, target, from, tag);
      const why = pin && pin.tag !== tag ? pinRefusal(pin, refused, clock.date()) : ancestryRefusal(ancestry, refused);
      if (why) refusals.push(`${target.service} in ${platform.name} ${env}: ${why}`);
      changes.push({ service: target.service, image: target.image, from, to: tag, ancestry: ancestry.kind });
      if (!why && ancestry.kind !== 'same') files.set(path, setImages(text, [{ image: target.image, tag, digest }]));
    }
    if (refusals.length > 0) throw new RefusedError(refusals.join('\n'));
    return { files, changes, message: this.message('set', wanted, undefined, inPullRequest) };
  }

  /** A tag that was never delivered came with the overlay. If its commit is unknown, this delivery is the first. */
  private async compare(head: CommitId, target: TagTarget, from: string | undefined, tag: string): Promise<Ancestry> {
    if (!target.history) return compareVersions(from, tag);
    const ancestry = await compareTags(from, tag, target.history);
    if (ancestry.kind !== 'unknown-commit' || ancestry.tag !== from) return ancestry;
    const [set] = await readTagHistory(this.options.store, head, target, 1);
    return set?.action ? ancestry : { kind: 'first' };
  }

  /** @param tag - @default - the deployed one */
  async pin(head: CommitId, target: TagTarget, tag: string | undefined, { reason, by }: Omit<Pin, 'tag' | 'since'>) {
    const { env, clock } = this.options;
    const text = await this.kustomization(head, target);
    const { tag: from } = readImage(text, target.image);
    const to = tag ?? from;
    if (to === undefined || isPlaceholder(to)) {
      throw new UsageError(`${target.service} in ${env} has no image yet, only tag "${to ?? ''}"; give one with --tag`);
    }
    const pins = await this.pins(head, target);
    const held = pins[target.service];
    const changes = [{ service: target.service, image: target.image, from, to }];
    const message = this.message(to === from ? 'pin' : 'rollback', [{ target, tag: to }], reason);
    if (held?.tag === to && from === to && held.reason === reason) return { files: new Map(), changes, message };
    const since = clock.date().toISOString();
    const files = await this.pinFiles(head, target, { ...pins, [target.service]: { tag: to, reason, by, since } });
    if (to !== from) files.set(kustomizationOf(target), setImages(text, [{ image: target.image, tag: to }]));
    return { files, changes, message };
  }

  /** Without a pin, nothing changes. */
  async unpin(head: CommitId, target: TagTarget): Promise<Edit> {
    const { [target.service]: held, ...pins } = await this.pins(head, target);
    if (!held) return { files: new Map(), changes: [], message: '' };
    const changes = [{ service: target.service, image: target.image, from: held.tag, to: held.tag }];
    const files = await this.pinFiles(head, target, pins);
    return { files, changes, message: this.message('unpin', [{ target, tag: held.tag }]) };
  }

  /** The pins next to a tag. */
  async pins(head: CommitId, { folder }: TagTarget): Promise<Pins> {
    const path = `${folder}/${PINS_FILE}`;
    return readPins(await this.options.store.file(head, path), path);
  }

  /** The kustomization of a tag. @throws {UsageError} when the branch has none */
  async kustomization(head: CommitId, target: TagTarget): Promise<string> {
    const path = kustomizationOf(target);
    const text = await this.options.store.file(head, path);
    if (text !== undefined) return text;
    throw new UsageError(`the config repository has no ${path}, which should have the tag of ${target.service}`);
  }

  private async pinFiles(head: CommitId, target: TagTarget, pins: Pins): Promise<Map<string, string | null>> {
    const files = new Map([[`${target.folder}/${PINS_FILE}`, writePins(pins)]]);
    if (!this.isWrittenByImageUpdater()) return files;
    const path = `${target.folder}/image-updater/${this.options.platform.name}.imageupdater.yaml`;
    const text = await this.options.store.file(head, path);
    if (text === undefined)
      throw new UsageError(`the config repository has no ${path}, which configures Image Updater`);
    return files.set(path, pinInImageUpdater(text, target.image, pins[target.service]?.tag ?? null));
  }

  private isWrittenByImageUpdater(): boolean {
    return environmentOf(this.options.platform, this.options.env).delivery.kind === 'image-updater';
  }

  private message(action: TagAction, wanted: readonly WantedTag[], reason?: string, startsWorkflows = false): string {
    const { platform, run } = this.options;
    const tags = wanted.map(({ target, tag, digest }) => ({
      service: target.service,
      image: target.image,
      tag,
      ...(digest && { digest }),
    }));
    return tagMessage({
      style: platform.repository.commits,
      action,
      tags,
      run,
      startsWorkflows,
      ...(reason && { reason }),
    });
  }
}
