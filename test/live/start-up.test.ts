import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { startupScript } from '../../constructs/google/k0s-vm';
import { vmOf } from '../../platforms/schema/environment';
import { namesOf } from '../../platforms/schema/names';
import threads from '../../platforms/threads/platform';
import { lacking, suiteUnless } from '../helpers/lane';
import { temporaryFolder } from '../helpers/synth';
import { debian, Machine, release } from './machine';

const PLACES = 20;

const cluster = vmOf(threads, 'prod');
const suiteName = /\/debian-\d+-([a-z]+)/.exec(cluster.disk.image)?.[1] ?? '';
const lacks = [
  ...lacking(['debootstrap', 'unshare', 'chroot']).map((name) => `${name} (Debian's packages)`),
  ...(process.getuid?.() === 0 ? [] : ['root, for mount and chroot']),
];

/** One version of the script, with the release of k0s that it asks for. */
function version(k0s: string, change = (script: string) => script) {
  const { text, sha256 } = release(k0s);
  const script = startupScript({
    name: namesOf('threads', 'prod').vm,
    address: cluster.network.address,
    k0s: { version: k0s, sha256 },
    registryHost: 'us-east1-docker.pkg.dev',
  });
  return { script: change(script), text };
}

const first = version('v1.0.0+k0s.0');
const later = version('v1.1.0+k0s.0', (script) => script.replace('--hostname-override=', '--v=2 --hostname-override='));

suiteUnless(lacks, 'the start-up script on Debian')(`the start-up script on Debian ${suiteName}`, () => {
  const folder = temporaryFolder();
  let root: string;
  beforeAll(() => {
    root = debian(suiteName);
  });

  const machine = () => new Machine(root, mkdtempSync(join(folder, 'machine-')));
  const boot = (on: Machine, { script, text } = first) => {
    on.powerOn();
    expect(on.startUp(script, text)).toEqual({ status: 0, stderr: '' });
    return on.state();
  };

  test('three boots end in the same state, with k0s and its timer running', () => {
    const one = machine();
    const state = boot(one);
    expect(state['edges/running/k0scontroller.service']).toContain('"--config=/etc/k0s/k0s.yaml"');
    expect(state).toHaveProperty(['edges/running/strata-node-metrics.timer']);
    expect(boot(one)).toEqual(state);
    expect(boot(one)).toEqual(state);
  });

  test('systemd finds nothing wrong with its units', () => {
    const one = machine();
    boot(one);
    const units = ['k0scontroller.service', 'strata-node-metrics.service', 'strata-node-metrics.timer'];
    const verify = one.run(['systemd-analyze', 'verify', ...units.map((unit) => `/etc/systemd/system/${unit}`)]);
    expect({ status: verify.status, stderr: verify.stderr }).toEqual({ status: 0, stderr: '' });
  });

  describe.each([
    ['the first installation', [], first],
    ['an upgrade that changes the release and a flag', [first], later],
  ] as const)('%s', (_, before, last) => {
    const prepared = () => {
      const one = machine();
      for (const each of before) boot(one, each);
      return one;
    };
    let wanted: Record<string, string>;
    let places: number[];
    beforeAll(() => {
      const one = prepared();
      wanted = boot(one, last);
      places = Array.from({ length: PLACES }, (_, index) => 1 + Math.floor((index * one.steps) / PLACES));
    });

    test.each([
      ['the next boot', true],
      ['a second run in the same boot', false],
    ])(`ends in the same state when it is killed at ${PLACES} places and finished by %s`, (_, reboots) => {
      for (const place of places) {
        const one = prepared();
        one.powerOn();
        expect({ place, status: one.startUp(last.script, last.text, place).status }).toEqual({ place, status: null });
        if (reboots) one.powerOn();
        expect({ place, ...one.startUp(last.script, last.text) }).toEqual({ place, status: 0, stderr: '' });
        expect({ place, ...one.state() }).toEqual({ place, ...wanted });
      }
    });
  });
});
