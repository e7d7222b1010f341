import { COMMENT_LIMIT, planComment } from '../../../terraform/planning/comment';
import type { Change, EnvironmentPlan, LayerPlan, PlannedLayer } from '../../../terraform/planning/result';
import { planText } from '../../../terraform/planning/text';
import { expectGolden } from '../../helpers/golden';

const change = (action: Change['action'], address: string, ...attributes: Change['attributes']): Change => ({
  address,
  type: address.split('.')[0] ?? '',
  action,
  attributes,
});
const attribute = (path: string, before: string, after: string) => ({ path, before, after });

const STACKS = { '00-vpc': 'vpc-prod', '01-k8s': 'k8s-prod', '02-argocd-app': 'argocd-app-prod' } as const;
const planned = (layer: keyof typeof STACKS, more: Partial<PlannedLayer> = {}): PlannedLayer => ({
  layer,
  stack: STACKS[layer],
  outcome: 'planned',
  deployed: true,
  changes: [],
  outputs: [],
  drifted: [],
  ...more,
});
const waiting = (
  layer: keyof typeof STACKS,
  earlier: keyof typeof STACKS,
  outputs: string[],
  resources: string[],
): LayerPlan => ({
  layer,
  stack: STACKS[layer],
  outcome: 'waiting',
  for: earlier,
  outputs,
  resources,
});
const plan = (layers: LayerPlan[], more: Partial<EnvironmentPlan> = {}): EnvironmentPlan => ({
  version: 1,
  platform: 'threads',
  env: 'prod',
  layers,
  guards: [],
  contracts: [],
  reference: '20260105-093000-0123456789ab',
  ...more,
});
const quietAfter = (first: LayerPlan) => [first, planned('01-k8s'), planned('02-argocd-app')];
const REPLACED = change('replace', 'google_compute_instance.vm', attribute('zone', 'us-east1-b', 'us-east1-c'));
const NAMESPACES = ['kubernetes_namespace_v1.argocd_namespace', 'helm_release.argo-cd_release'];
const APPLICATION = ['kubernetes_manifest.root_project', 'kubernetes_manifest.root_application'];

const SITUATIONS: Readonly<Record<string, EnvironmentPlan>> = {
  'first-plan': plan([
    planned('00-vpc', {
      deployed: false,
      changes: [change('create', 'google_compute_network.network_vpc'), change('create', 'google_compute_instance.vm')],
      outputs: [{ name: 'kubeconfig_path', action: 'create', readers: ['01-k8s'] }],
    }),
    waiting('01-k8s', '00-vpc', ['kubeconfig_path', 'zone'], NAMESPACES),
    waiting('02-argocd-app', '01-k8s', ['argocd_namespace'], APPLICATION),
  ]),
  'nothing-to-do': plan(quietAfter(planned('00-vpc'))),
  'vm-replaced': plan(
    quietAfter(
      planned('00-vpc', {
        changes: [change('update', 'google_compute_firewall.iap', attribute('priority', '1000', '900')), REPLACED],
      }),
    ),
  ),
  'upstream-output-changes': plan([
    planned('00-vpc', {
      changes: [change('update', 'google_compute_instance.vm', attribute('labels.team', '(none)', 'web'))],
      outputs: [{ name: 'zone', action: 'update', readers: ['01-k8s'] }],
    }),
    waiting('01-k8s', '00-vpc', ['zone'], NAMESPACES),
    waiting('02-argocd-app', '01-k8s', ['argocd_namespace'], APPLICATION),
  ]),
  'guard-hit': plan(quietAfter(planned('00-vpc', { changes: [change('destroy', 'google_compute_disk.vm_boot-g1')] })), {
    guards: [
      {
        guard: 'disk',
        place: '00-vpc',
        subject: 'google_compute_disk.vm_boot-g1',
        message: 'the disk is destroyed, and it has no snapshot; create one with npm run snapshot -- make',
        blastRadius:
          '50 GB of disk threads-prod-vm-boot-g1: the cluster on it with all volumes, back to the last snapshot if there is one',
      },
    ],
    contracts: [
      '00-vpc removes output network_name, which the deployed 01-k8s reads.\n1. Keep network_name in contracts/vpc.ts, and apply 01-k8s from a configuration that no longer reads it.\n2. Then remove network_name from contracts/vpc.ts and apply 00-vpc.',
    ],
  }),
  drift: plan(
    quietAfter(
      planned('00-vpc', {
        changes: [
          change(
            'update',
            'google_compute_firewall.iap',
            attribute('source_ranges', '["0.0.0.0/0"]', '["35.235.240.0/20"]'),
          ),
        ],
        drifted: ['google_compute_firewall.iap'],
      }),
    ),
  ),
  'one-layer-fails': plan([
    planned('00-vpc'),
    {
      layer: '01-k8s',
      stack: 'k8s-prod',
      outcome: 'failed',
      message: 'terraform plan failed in k8s-prod\nError: Kubernetes cluster unreachable',
    },
    waiting('02-argocd-app', '01-k8s', ['argocd_namespace'], APPLICATION),
  ]),
  asleep: plan([
    planned('00-vpc', {
      changes: [change('update', 'google_compute_instance.vm', attribute('labels.team', '(none)', 'web'))],
    }),
    {
      layer: '01-k8s',
      stack: 'k8s-prod',
      outcome: 'asleep',
      message: 'threads-prod-vm is asleep until 09:00 Asia/Taipei, when its power schedule starts it',
    },
    {
      layer: '02-argocd-app',
      stack: 'argocd-app-prod',
      outcome: 'asleep',
      message: 'threads-prod-vm is asleep until 09:00 Asia/Taipei, when its power schedule starts it',
    },
  ]),
  fork: plan(
    quietAfter(
      planned('00-vpc', { changes: [change('create', '</details> @everyone [click](https://evil.example) `x`')] }),
    ),
    { reference: undefined },
  ),
  'waiting-layer': plan([
    planned('00-vpc'),
    planned('01-k8s', {
      changes: [change('create', 'kubernetes_namespace_v1.monitoring')],
      outputs: [{ name: 'argocd_namespace', action: 'update', readers: ['02-argocd-app'] }],
    }),
    waiting('02-argocd-app', '01-k8s', ['argocd_namespace'], APPLICATION),
  ]),
  'huge-plan': plan(
    quietAfter(
      planned('00-vpc', {
        changes: [
          ...Array.from({ length: 3000 }, (_, index) => change('create', `google_compute_address.address-${index}`)),
          REPLACED,
        ],
      }),
    ),
  ),
  'snapshot-restored': plan(
    quietAfter(
      planned('00-vpc', {
        changes: [
          change('forget', 'google_compute_disk.vm_boot-g1'),
          change('create', 'google_compute_disk.vm_boot-g2'),
          change(
            'replace',
            'google_compute_instance.vm',
            attribute('boot_disk[0].source', 'threads-prod-vm-boot-g1', '(known after apply)'),
          ),
        ],
        outputs: [{ name: 'boot_disk_id', action: 'update', readers: [] }],
      }),
    ),
  ),
};

test.each(Object.entries(SITUATIONS))('the comment of a plan: %s', (name, situation) => {
  const comment = planComment(situation, name === 'fork' ? { fork: true } : {});
  expect(comment.length).toBeLessThanOrEqual(COMMENT_LIMIT);
  expectGolden(`plan/${name}.md`, `${comment}\n`);
});

test('a terminal shows the same, without Markdown', () => {
  const shown = ['vm-replaced', 'waiting-layer', 'guard-hit', 'nothing-to-do'].flatMap(
    (name) => SITUATIONS[name] ?? [],
  );
  expectGolden('plan/terminal.txt', `${shown.map(planText).join('\n\n---\n\n')}\n`);
});

test('a comment that is cut still shows every replacement, and says how much it leaves out', () => {
  const comment = planComment(SITUATIONS['huge-plan'] as EnvironmentPlan);
  expect(comment).toContain('**replace** `google_compute_instance.vm`');
  expect(comment).toMatch(/_\d+ more lines: the whole plan is in the artifact of this run_/);
});

test('no plan makes a comment longer than GitHub accepts', () => {
  const long = 'x'.repeat(4000);
  const guards = Array.from({ length: 50 }, () => ({
    guard: long,
    place: long,
    subject: long,
    message: long,
    blastRadius: long,
  }));
  const comment = planComment(plan([planned('00-vpc', { changes: [change('destroy', long)] })], { guards }));
  expect(comment.length).toBeLessThanOrEqual(COMMENT_LIMIT);
  expect(comment).toMatch(/_Cut: the whole plan is in the artifact of this run\._$/);
});
