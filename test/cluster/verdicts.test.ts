import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { nameOf } from '../../manifests/checks/problem';
import { objectsOf } from '../../manifests/checks/render';
import { ApiError } from '../../sandbox/kubernetes/api-server/api';
import type { Cluster } from '../../sandbox/kubernetes/api-server/cluster';
import { startCluster } from '../../sandbox/test/kubernetes/ground';
import { ENVIRONMENTS } from '../helpers/environments';
import { applyPatch } from '../helpers/json-patch';
import type { Json } from '../helpers/synth';
import { findCrds } from './crds';
import { cleanUp, LAYER_NAMESPACES, makeNamespaces, onServer, podObjects, SERVER, served, server } from './environment';
import { FAULTS } from './faults';
import { APPLY, kubectl, mustKubectl } from './kubectl';

const FOLDER = join(__dirname, '../fixtures/broken');

/** Broken objects of the trees. What is broken in a file of a tree, or by an object that lacks, no API server sees. */
const fixtures = readdirSync(FOLDER)
  .map((file) => ({ name: basename(file, '.json'), ...JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) }))
  .filter(({ object, patch = [] }) => object && !patch.some(({ path }: Json) => path === '/removed'));

/** What both refuse. They take in all other broken copies: what is wrong with those only shows when they run, if ever. */
const REFUSED = [
  'a-host-path-volume',
  'a-host-port',
  'a-job-without-a-schedule',
  'a-kind-without-a-schema',
  'a-missing-service-account',
  'a-mount-without-a-volume',
  'a-number-instead-of-a-string',
  'a-pod-that-may-run-as-root',
  'a-pod-without-a-seccomp-profile',
  'a-port-that-is-neither-number-nor-name',
  'a-privileged-container',
  'a-root-user',
  'a-string-instead-of-a-number',
  'an-added-capability',
  'an-invalid-quantity',
  'an-unknown-field-of-a-chart',
  'an-unknown-field-of-a-container',
  'an-unknown-field-of-a-deployment',
  'an-unknown-field-of-a-postgres-cluster',
  'an-unknown-field-of-a-service-monitor',
  'an-unknown-field-of-an-application',
  'an-unknown-field-of-an-external-secret',
  'an-unknown-protocol',
  'capabilities-that-are-not-dropped',
  'privilege-escalation',
  'the-host-network',
];

/** Where the sandbox and the server differ, and why. */
const DIFFERENT: Readonly<Record<string, string>> = {
  'a node port out of range': 'a dry run gives out no port, so the server looks at none; the sandbox does',
};

/** Where both refuse in other words, and why. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  'a-privileged-container': 'the server quotes the whole security context in the words of its source',
  'a number as an annotation': 'the server fails while it decodes',
  'a-number-instead-of-a-string': 'the server fails while it decodes',
  'a strategy that is not there': 'the server quotes the whole strategy in the words of its source',
  'a budget with two rules': 'the server quotes the whole spec in the words of its source',
};

type Verdicts = Readonly<Record<'server' | 'sandbox', string>>;

const environments = ENVIRONMENTS.map((one) => [`${one.platform} ${one.overlays[0]}`, one] as const);

describe.each(environments)('%s', (name, environment) => {
  const all = objectsOf(environment);
  const ground = prepare(all);
  const own = fixtures.filter((fixture) => fixture.environment === name);

  onServer('the sandbox takes in every object and every pod', () => {
    expect(
      served([...all, ...podObjects(all)])
        .map((object) => sandboxVerdict(ground(), [object]))
        .filter(Boolean),
    ).toEqual([]);
  });

  if (own.length)
    onServer.each(own)('$name has one verdict', ({ name: fixture, object: wanted, patch }) => {
      const object = structuredClone(all.find((one) => nameOf(one).replace(/-[0-9a-z]{10}$/, '') === wanted));
      // Without its CRD, which the setup says is lacking, there is nothing to compare.
      if (!served([object]).length) return;
      applyPatch(object, patch);
      compare(fixture, verdicts(ground(), [object, ...podObjects([object])]), REFUSED.includes(fixture));
    });
});

describe('what the API server refuses by itself', () => {
  const ground = prepare([]);
  onServer.each(Object.entries(FAULTS))('%s has one verdict', (name, object) => {
    const hasPods = object.spec?.template;
    const both = verdicts(ground(), [object, ...(hasPods ? podObjects([object]) : [])]);
    compare(name, both, !name.startsWith('nothing wrong'));
  });
});

/** Namespaces and service accounts of objects, on the server and in a sandbox of its own. */
function prepare(objects: readonly Json[]): () => Cluster {
  const spaces = objects.filter(({ kind }) => ['Namespace', 'ServiceAccount'].includes(kind));
  let cluster: Cluster;
  beforeAll(async () => {
    if (!SERVER) return;
    await makeNamespaces(objects);
    if (spaces.length) mustKubectl(server().kubeconfig, APPLY, spaces);
    ({ cluster } = startCluster());
    for (const object of [...findCrds(process.env).crds, ...LAYER_NAMESPACES, ...spaces]) cluster.apply(object);
    await cluster.settled();
  });
  afterAll(() => (SERVER ? cleanUp(spaces) : undefined));
  return () => cluster;
}

function verdicts(cluster: Cluster, objects: readonly Json[]): Verdicts {
  const { code, stderr } = kubectl(server().kubeconfig, [...APPLY, '--dry-run=server'], objects);
  return { server: code === 0 ? '' : stderr, sandbox: sandboxVerdict(cluster, objects) };
}

/** The first refusal, or nothing. */
function sandboxVerdict(cluster: Cluster, objects: readonly Json[]): string {
  for (const object of objects) {
    try {
      cluster.preview(object);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return error.message;
    }
  }
  return '';
}

function compare(name: string, both: Verdicts, isRefused: boolean): void {
  if (name in DIFFERENT) {
    expect({ ...both, differ: !both.server !== !both.sandbox }).toMatchObject({ differ: true });
    return;
  }
  expect({ ...both, refused: [Boolean(both.server), Boolean(both.sandbox)] }).toMatchObject({
    refused: [isRefused, isRefused],
  });
  // A message of the sandbox is the server's own, less what the server adds before and after.
  const why = both.sandbox.split(/ is (?:invalid|forbidden): /).at(-1) ?? '';
  if (name in OTHER_WORDS) expect(both.server).not.toContain(why);
  else expect(both.server).toContain(why);
}
