import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { GoogleProvider } from '@cdktf/provider-google/lib/provider';
import { SecretManagerSecret } from '@cdktf/provider-google/lib/secret-manager-secret';
import { SecretManagerSecretIamMember } from '@cdktf/provider-google/lib/secret-manager-secret-iam-member';
import { ServiceAccount } from '@cdktf/provider-google/lib/service-account';
import { App } from 'cdktf';
import { Construct } from 'constructs';
import { Layer, type LayerProps } from '../constructs/layer';
import { VPC } from '../contracts/vpc';
import { defaultPlatform, loadPlatform } from '../platforms/load';
import { growth } from './arithmetic';
import type { Figure } from './figure';
import { interleave } from './measure';

/** Numbers of services. The figure is that of the largest. */
const SIZES = [100, 300, 1000] as const;

/** Resources of one service. */
const RESOURCES_OF_A_SERVICE = 3;

/** A service in the cloud: an identity, a secret, and permission to read it. */
class Service extends Construct {
  constructor(scope: Construct, id: string, labels: Record<string, string>) {
    super(scope, id);
    const account = new ServiceAccount(this, 'identity', { accountId: id, displayName: `Identity of ${id}` });
    const secret = new SecretManagerSecret(this, 'secret', { secretId: id, labels, replication: { auto: {} } });
    new SecretManagerSecretIamMember(this, 'reader', {
      secretId: secret.id,
      role: 'roles/secretmanager.secretAccessor',
      member: account.member,
    });
  }
}

/** A layer with nothing but services. */
class Services extends Layer<{ layer: typeof VPC.layer; outputs: Record<string, never> }> {
  constructor(scope: Construct, props: LayerProps, count: number) {
    super(scope, { layer: VPC.layer, outputs: {} }, props);
    new GoogleProvider(this, 'google', { project: 'made-up' });
    for (let index = 0; index < count; index++) new Service(this, `service-${index}`, this.labels(`service-${index}`));
  }
}

/** Synthesises a made-up platform of so many services into a folder. */
function synthesiseServices(count: number, outdir: string): void {
  const app = new App({ outdir, stackTraces: false });
  new Services(app, { platform: loadPlatform(defaultPlatform()), env: 'prod' }, count);
  app.synth();
}

/** How synthesis, in one process, grows with the platform. @param folder - for what is synthesised */
export async function scale(folder: string, rounds: number): Promise<Figure[]> {
  const subjects = SIZES.map((count) => () => {
    const outdir = join(folder, `${count}-services`);
    rmSync(outdir, { recursive: true, force: true });
    synthesiseServices(count, outdir);
  });
  const times = await interleave(rounds, ...subjects);
  const points = SIZES.map((count, index) => [count, times[index] as number] as const);
  const [largest, time] = points[points.length - 1] as readonly [number, number];
  return [
    {
      name: `synthesis of ${largest} services, a resource`,
      ours: time / (largest * RESOURCES_OF_A_SERVICE),
      other: 1,
      otherName: 'limit',
      goal: 1,
    },
    {
      name: `power of growth, ${SIZES[0]} to ${largest} services`,
      ours: growth(points),
      other: 1,
      otherName: 'linear',
      unit: '',
      goal: 1.15,
    },
  ];
}
