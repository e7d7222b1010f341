import { findCrds } from './crds';
import { APPLY, mustKubectl } from './kubectl';
import { findServer, type Server } from './server';

declare global {
  var clusterServer: Server | undefined;
}

/** Finds or starts the one API server of a run and teaches it the kinds of the trees. Says loudly what it lacks. */
export default async function setup(): Promise<void> {
  const server = await findServer(process.env);
  if (typeof server === 'string') {
    say('SKIPPED: no test ran, there is no API server', server);
    return;
  }
  globalThis.clusterServer = server;
  const { crds, lacks } = findCrds(process.env);
  for (const lack of lacks) say('CRDs are lacking: objects of these kinds are left out', lack);
  mustKubectl(server.kubeconfig, [...APPLY, '--force-conflicts'], crds);
  const names = crds.map(({ metadata }) => `crd/${metadata.name}`);
  mustKubectl(server.kubeconfig, ['wait', '--for=condition=Established', '--timeout=60s', ...names]);
  const { stop: _, ...facts } = server;
  process.env['STRATA_CLUSTER'] = JSON.stringify(facts);
  say('API server', server.name, `${crds.length} CRDs`);
}

function say(...words: string[]): void {
  process.stderr.write(`\ntest:cluster: ${words.join(': ')}\n`);
}
