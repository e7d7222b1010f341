import type { RehearsalReport } from './report';

/** What a person needs for one command, in seconds: to look it up, adapt it, type it and read its output. An assumption. */
export const PERSON_SECONDS = 60;

/** A command of a recovery by hand. */
interface Command {
  readonly what: string;
  /** Steps of the drill that do the same in the cloud and take as long. @default - the person's time only */
  readonly as?: readonly RegExp[];
}

/** The same recoveries by single commands of terraform, gcloud and kubectl, one after another. */
const BY_HAND = {
  layerRebuild: [
    { what: 'check which layers exist' },
    { what: 'terraform destroy 02-argocd-app, then 01-k8s', as: [/^destroy /] },
    { what: 'terraform plan 00-vpc, compare its resources' },
    { what: 'terraform apply 01-k8s', as: [/^rebuild 01-k8s/] },
    { what: 'gcloud compute snapshots create, wait for READY', as: [/^snapshot after 00-vpc/] },
    { what: 'terraform apply 02-argocd-app', as: [/^rebuild 02-argocd-app/] },
    { what: 'kubectl get pods, applications' },
  ],
  diskRestore: [
    { what: 'gcloud compute snapshots list, find the right one' },
    { what: 'gcloud compute disks create, instances create', as: [/^restore 00-vpc/] },
    { what: 'terraform state rm and import: VM and disk' },
    { what: 'terraform plan, compare address and names' },
    { what: 'gcloud compute ssh, fetch the kubeconfig', as: [/^the same VM/] },
    { what: 'kubectl get nodes, pods, volumes', as: [/^the application is back/] },
  ],
} as const satisfies Record<keyof RehearsalReport['recovery'], readonly Command[]>;

/** A recovery by hand. */
export interface ByHand {
  readonly commands: number;
  /** Estimated seconds: the commands of a person, and the same operations of the cloud. */
  readonly seconds: number;
}

/** How long a recovery of the report would take by hand, with the same durations of the cloud; undefined if it is not in the report. */
export function byHand(
  { recovery, steps }: RehearsalReport,
  which: keyof RehearsalReport['recovery'],
): ByHand | undefined {
  if (!recovery[which]) return undefined;
  const commands: readonly Command[] = BY_HAND[which];
  const durations = commands.flatMap(({ as = [] }) =>
    steps
      .filter(({ name }) => as.some((pattern) => pattern.test(name)))
      .map(({ simulatedSeconds }) => simulatedSeconds),
  );
  const cloud = durations.reduce((sum, one) => sum + one, 0);
  return { commands: commands.length, seconds: Math.round(commands.length * PERSON_SECONDS + cloud) };
}
