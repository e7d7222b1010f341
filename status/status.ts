import type { RunningImage } from '../clients/application';
import type { Reading } from '../clients/reading';
import type { VmState } from '../clients/vm-state';
import { type DeliveryStatus, renderDelivery } from './delivery-status';

/** The status of one environment. Parts that it does not have are left out. */
export interface EnvironmentStatus {
  readonly platform: string;
  readonly env: string;
  /** Number of resources in the state of each layer; 0 if it is not deployed. */
  readonly layers: Reading<readonly { readonly id: string; readonly resources: number }[]>;
  readonly vm?: Reading<VmState>;
  readonly argocd?: Reading<{ readonly status: string; readonly revision: string; readonly problem?: string }>;
  readonly images: Reading<readonly RunningImage[]>;
  /** @default - not asked for */
  readonly delivery?: DeliveryStatus;
  readonly secrets?: Reading<readonly { readonly name: string; readonly state: string }[]>;
  /** The newest snapshot, and the cloud's time when it was read; null if there is none. */
  readonly snapshot?: Reading<{ readonly name: string; readonly createdAt: Date; readonly readAt: Date } | null>;
  /** The last rehearsal of this environment; null if there is none. */
  readonly rehearsal: Reading<{ readonly ok: boolean; readonly at: Date } | null>;
}

/** True if the VM is stopped by its power schedule. */
export function isAsleep({ vm }: EnvironmentStatus): boolean {
  return vm !== undefined && 'value' in vm && vm.value.state === 'asleep';
}

/** Renders the status of one environment. @param now - time of this machine's clock, which dates rehearsals. */
export function renderStatus(status: EnvironmentStatus, now: Date): string {
  const { platform, env, layers, vm, argocd, images, delivery, secrets, snapshot, rehearsal } = status;
  return [
    `${platform} ${env}`,
    ...part(
      'layers',
      layers,
      (all) => all.map(({ id, resources }) => `${id.padEnd(14)} ${counted(resources)}`),
      'none',
    ),
    ...part('VM', vm, ({ state, until }) => [until ? `${state} until ${until}` : state]),
    ...part('Argo CD', argocd, (sync) => [
      sync.revision ? `${sync.status} at ${sync.revision.slice(0, 7)}` : sync.status,
      ...(sync.problem ? [sync.problem] : []),
    ]),
    ...part(
      'images',
      images,
      (all) => all.map(({ image, pods, ready }) => `${shortName(image)}  ${ready} of ${pods} pods ready`),
      'no pods',
    ),
    ...(delivery ? renderDelivery(delivery, part) : []),
    ...part('secrets', secrets, (all) => all.map(({ name, state }) => `${state.padEnd(7)} ${name}`), 'none'),
    ...part('snapshot', snapshot, (last) => [last ? `${last.name}, ${moment(last.createdAt, last.readAt)}` : 'none']),
    ...part('rehearsal', rehearsal, (last) => [
      last
        ? `${last.ok ? 'passed' : 'FAILED'}, ${moment(last.at, now)}`
        : `none; run: npm run rehearse -- --platform ${platform} --env ${env}`,
    ]),
  ].join('\n');
}

function part<T>(
  title: string,
  read: Reading<T> | undefined,
  lines: (value: T) => readonly string[],
  otherwise = '',
): string[] {
  if (!read) return [];
  const shown = 'problem' in read ? [`? ${read.problem}`] : lines(read.value);
  return (shown.length > 0 ? shown : [otherwise]).map(
    (line, index) => `  ${(index === 0 ? title : '').padEnd(11)}${line}`,
  );
}

/** The last part of an image's name, with its tag: whole references do not fit on the screen. */
function shortName(image: string): string {
  return image.slice(image.lastIndexOf('/') + 1);
}

function counted(resources: number): string {
  return resources === 0 ? 'not deployed' : `${resources} resource${resources === 1 ? '' : 's'}`;
}

/** A time and its age, which is left out if a clock runs ahead. */
function moment(at: Date, now: Date): string {
  const minutes = Math.floor((now.getTime() - at.getTime()) / 60_000);
  const stamp = `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  if (minutes < 0) return stamp;
  if (minutes < 120) return `${stamp}, ${minutes} min ago`;
  return `${stamp}, ${minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} days`} ago`;
}
