/** What a comparison is about. */
export type Kind = 'change' | 'default' | 'validator' | 'combination' | 'plan';

/** One argument, or a plan's attribute, that is not as the judge says. */
export interface Exception {
  readonly kind: Kind;
  /** `*` at its end stands for whatever follows. */
  readonly argument: string;
  readonly because: string;
}

const INHERITED =
  'the table has it from the block around it, which forces a replacement when interfaces come or go; the provider updates it in place';

/** Where the sandbox is not as the tables say, and why. An exception that is not needed fails the test. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    kind: 'change',
    argument: 'google_compute_subnetwork.ip_cidr_range',
    because: 'a CustomizeDiff replaces the subnet unless the new range holds the old one; that condition is the rule',
  },
  {
    kind: 'change',
    argument: 'google_compute_instance.metadata_startup_script',
    because: 'a CustomizeDiff replaces the instance, so that the script runs again',
  },
  { kind: 'change', argument: 'google_compute_instance.network_interface.access_config*', because: INHERITED },
  { kind: 'change', argument: 'google_compute_instance.network_interface.alias_ip_range*', because: INHERITED },
  { kind: 'change', argument: 'google_compute_instance.network_interface.network', because: INHERITED },
  { kind: 'change', argument: 'google_compute_instance.network_interface.subnetwork', because: INHERITED },
  {
    kind: 'plan',
    argument: 'google_compute_instance.boot_disk.force_attach',
    because: 'the provider suppresses the difference between not set and its default, which the table has as false',
  },
  {
    kind: 'plan',
    argument: 'google_project_iam_member.member',
    because: 'one member has the number of the project in it, and both numbers are made up',
  },
];
