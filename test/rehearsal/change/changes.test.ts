import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bucket } from '../../../clients/bucket';
import { type LoadedPlatform, loadPlatform } from '../../../platforms/load';
import { layersOf } from '../../../platforms/schema/environment';
import { changeText } from '../../../rehearsal/change/change-report';
import type { Side } from '../../../rehearsal/change/layers';
import { applyChange, buildBase, type RunningBase } from '../../../rehearsal/change/rehearse-change';
import { openGround } from '../../../rehearsal/ground';
import type { Synthesise } from '../../../rehearsal/rehearsal';
import { synthesise } from '../../../stacks/app';
import { applyStored } from '../../../terraform/planning/apply';
import { planComment } from '../../../terraform/planning/comment';
import { makePlan } from '../../../terraform/planning/make-plan';
import { isQuiet } from '../../../terraform/planning/result';
import { StoredPlans } from '../../../terraform/planning/stored-plan';
import { stacksOf } from '../../../terraform/stacks';
import { expectGolden } from '../../helpers/golden';
import { temporaryFolder } from '../../helpers/synth';

jest.setTimeout(240_000);

// The Google clients load their fetch by a dynamic import, which Jest refuses, unless they find that of a window.
Object.assign(globalThis, { window: { fetch } });

const folder = temporaryFolder();
const THREADS = loadPlatform('threads', { restoreFile: 'absent.json' });

/** A change: what it makes of the description, of the manifests, and of what is synthesised. */
interface Edit {
  readonly platform?: (platform: LoadedPlatform) => LoadedPlatform;
  readonly files?: Readonly<Record<string, (text: string) => string>>;
  readonly synthesise?: Synthesise;
  /** Rehearses both recoveries too, which takes a while. */
  readonly recoveries?: true;
}

function side({ platform = (same) => same, files = {}, synthesise: by = synthesise }: Edit): Side {
  const tree = mkdtempSync(join(folder, 'tree-'));
  execFileSync('cp', ['-R', 'k8s', 'platforms', tree]);
  for (const [file, edit] of Object.entries(files)) {
    const path = join(tree, file);
    writeFileSync(path, edit(readFileSync(path, { encoding: 'utf8', flag: 'a+' })));
  }
  return { platform: platform(structuredClone(THREADS)), tree, synthesise: by };
}

/** Changes the cluster of prod. */
const cluster = (
  edit: (cluster: { [key: string]: unknown; disk: object; network: object; k0s: object }) => void,
): Edit => ({
  platform: (platform) => {
    edit(platform.environments['prod']?.cluster as never);
    return platform;
  },
});

/** Synthesises, and then replaces text in a stack: a change of our own code. */
const synthesisedWith =
  (stack: string, from: string, to: string): Synthesise =>
  (platform, root) => {
    const outdir = synthesise(platform, root);
    const file = join(outdir, 'stacks', stack, 'cdk.tf.json');
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(from, to));
    return outdir;
  };

const BASE = 'k8s/threads/base';
const withoutService = (name: string) => (text: string) => text.replace(new RegExp(`^ *- ${name}\\..*\\n`, 'gm'), '');

/** A copy of ml-service under another name, without the secrets of the database. */
const cache = `apiVersion: apps/v1
kind: Deployment
metadata: { name: cache, namespace: threads, labels: { app.kubernetes.io/name: cache } }
spec:
  selector: { matchLabels: { app.kubernetes.io/name: cache } }
  template:
    metadata: { labels: { app.kubernetes.io/name: cache } }
    spec:
      securityContext: { runAsNonRoot: true, runAsUser: 1001, seccompProfile: { type: RuntimeDefault } }
      containers:
        - name: cache
          image: docker.io/valkey/valkey:8.1
          resources: { requests: { cpu: 50m, memory: 64Mi }, limits: { memory: 64Mi } }
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }
`;

const CHANGES: Readonly<Record<string, Edit>> = {
  'machine type': {
    ...cluster((one) => {
      one['machineType'] = 'e2-standard-4';
    }),
    recoveries: true,
  },
  zone: { platform: (platform) => ({ ...platform, google: { ...platform.google, zone: 'us-east1-c' } }) },
  'disk size up': cluster((one) => Object.assign(one.disk, { sizeGb: 60 })),
  'disk size down': cluster((one) => Object.assign(one.disk, { sizeGb: 40 })),
  'disk type': cluster((one) => Object.assign(one.disk, { type: 'pd-ssd' })),
  'new service': {
    files: {
      [`${BASE}/cache.deployment.yaml`]: () => cache,
      [`${BASE}/kustomization.yaml`]: (text) => text.replace('resources:\n', 'resources:\n  - cache.deployment.yaml\n'),
    },
  },
  'removed service': { files: { [`${BASE}/kustomization.yaml`]: withoutService('ml-service') } },
  'changed CIDR': cluster((one) => Object.assign(one.network, { cidr: '10.30.0.0/24', address: '10.30.0.10' })),
  'renamed environment': {
    platform: ({ environments: { prod, ...others }, ...platform }) => ({
      ...platform,
      environments: { ...others, ...(prod && { production: prod }) },
    }),
  },
  'changed node name': { synthesise: synthesisedWith('vpc-prod', 'threads-prod-vm', 'threads-prod-node') },
  'chart upgrade': { synthesise: synthesisedWith('k8s-prod', '"10.1.1"', '"10.2.0"') },
  'k0s upgrade': cluster((one) => Object.assign(one.k0s, { version: 'v1.37.0+k0s.0' })),
  'namespace of the application': {
    platform: (platform) => ({ ...platform, namespace: 'forum' }),
  },
};

let base: RunningBase;
beforeAll(async () => {
  base = await buildBase(side({}), 'prod', join(folder, 'clouds'));
});

test.each(Object.entries(CHANGES))('a change: %s', async (name, edit) => {
  const report = await applyChange(base, side(edit), 'main', { recoveries: edit.recoveries ?? false });
  expectGolden(`changes/${name.replaceAll(' ', '-')}.txt`, `${changeText(report)}\n`);
});

test('the life of a pull request: planned, stored, commented, applied as reviewed, drift found and healed', async () => {
  const directory = `${base.directory}-life`;
  cpSync(base.directory, directory, {
    recursive: true,
    filter: (path) => !/\/(cdktf\.out|providers|lock)$/.test(path),
  });
  const ground = await openGround(THREADS, 'prod', { directory, root: base.side.tree, kept: true });
  const changed = side(CHANGES['disk size up'] ?? {}).platform;
  const checkout = () => {
    const outdir = synthesise(changed, mkdtempSync(join(directory, 'out-')));
    const stacks = stacksOf(changed, 'prod', outdir, { env: ground.env });
    const ids = layersOf(changed, 'prod');
    const layers = stacks.flatMap((stack, index) => (ids[index] ? [{ layer: ids[index], stack }] : []));
    return {
      platform: changed,
      env: 'prod',
      layers,
      neighbours: [],
      guards: { facts: { now: new Date(ground.now()) } },
    };
  };
  const done: string[] = [];
  const applying = (of: ReturnType<typeof checkout>) => ({
    ...of,
    allowed: [],
    repair: () => Promise.resolve(),
    show: () => {},
    begin: () => {},
    done: async (layer: string) => void done.push(layer),
    confirm: async () => false,
  });
  try {
    const plans = new StoredPlans(new Bucket('web-service-design-strata-state', 'strata/plans', ground.env));
    const branch = checkout();
    const plan = await makePlan(branch);
    const reference = await plans.save(
      plan,
      new Map(branch.layers.map(({ layer, stack }) => [layer, stack])),
      new Date(),
    );
    const comment = planComment({ ...plan, reference });
    expect(comment).toContain('- update `google_compute_disk.vm_boot-g1`: `size: 50 -> 60`');
    expect(comment).toContain(`--plan ${reference}`);

    // Merged by a squash: another commit and another folder, and the same synthesised JSON.
    const merged = checkout();
    expect(await applyStored(applying(merged), plans, reference)).toEqual({ applied: ['00-vpc'], left: [] });
    expect(done).toEqual(['00-vpc']);
    expect((await makePlan(merged)).layers.map(isQuiet)).toEqual([true, true, true]);
    await expect(applyStored(applying(merged), plans, reference)).rejects.toThrow('Saved plan is stale');

    const [firewall] = ground.sandbox.world.list('google_compute_firewall');
    ground.sandbox.world.put({ ...firewall, values: { ...firewall?.values, source_ranges: ['0.0.0.0/0'] } } as never);
    const drift = await makePlan(merged);
    expect(drift.layers[0]).toMatchObject({ drifted: [expect.stringMatching(/^google_compute_firewall\./)] });
    const healing = await plans.save(
      drift,
      new Map(merged.layers.map(({ layer, stack }) => [layer, stack])),
      new Date(),
    );
    await applyStored(applying(checkout()), plans, healing);
    expect((await makePlan(merged)).layers.map(isQuiet)).toEqual([true, true, true]);
  } finally {
    await ground.close();
  }
});
