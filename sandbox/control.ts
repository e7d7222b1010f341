import { LONGEST_DAYS } from './advance';
import { messageOf } from './errors';
import { isBooting } from './google/compute/machine';
import { type Handler, readJson, send, sendJson, urlOf } from './http';
import type { Clusters } from './kubernetes/clusters/clusters';
import { existingKey } from './machines/existing';
import { type HetznerRequest, runHetznerK3s } from './machines/hetzner-k3s';
import { pushImage } from './registry/oci';
import type { World } from './world';

/** Simulated seconds for which a booting VM is waited for; the longest boot that the sandbox knows is shorter. */
const PATIENCE = 120;

const UNREACHABLE =
  "ERROR: [0] Error during local connection to [stdin]: Error while connecting [4003: 'failed to connect to backend'].\n" +
  'ERROR: (gcloud.compute.ssh) [/usr/bin/ssh] exited with return code [255].\n';

/**
 * The sandbox's own API.
 *
 * - `GET /clock`: the simulated time; `POST /clock {"advance": seconds}` lets time pass.
 * - `POST /images {"reference", "architectures"}`: an image is built and pushed; answers with its digest.
 * - `POST /hetzner-k3s {"verb", "cluster", "nodes"}`: nodes join or leave an existing cluster; answers with its kubeconfig.
 * - `GET /kubeconfig?project=&zone=&instance=`: what `sudo k0s kubeconfig admin` prints on that VM. 404: no such VM; 503: it
 *   does not answer; 502: it does, and the command fails there.
 */
export function controlApi(world: World, clusters: Clusters, baseUrl: () => string): Handler {
  return async (request, response) => {
    const { pathname, searchParams: query } = urlOf(request);
    if (pathname === '/clock') {
      const { advance } = request.method === 'POST' ? await readJson(request) : {};
      if (advance !== undefined && !(Number(advance) >= 0 && Number(advance) <= LONGEST_DAYS * 86_400)) {
        send(response, 400, {}, `advance must be seconds, at most ${LONGEST_DAYS} days, got ${String(advance)}`);
        return true;
      }
      if (advance !== undefined) await world.clock.advance(Number(advance));
      sendJson(response, { now: world.clock.now(), iso: world.clock.iso() });
      return true;
    }
    if (pathname === '/images' && request.method === 'POST') {
      const { reference, architectures } = await readJson(request);
      try {
        const { digest } = pushImage(world, String(reference), (architectures as string[] | undefined) ?? []);
        sendJson(response, { digest }, 201);
      } catch (error) {
        send(response, 400, {}, messageOf(error));
      }
      return true;
    }
    if (pathname === '/hetzner-k3s' && request.method === 'POST') {
      const asked = (await readJson(request)) as unknown as HetznerRequest;
      const said = runHetznerK3s(clusters, asked);
      if (said) sendJson(response, { said, kubeconfig: clusters.kubeconfig(existingKey(asked.cluster), baseUrl()) });
      else send(response, 404, {}, `cluster ${asked.cluster} does not exist in the sandbox\n`);
      return true;
    }
    if (pathname !== '/kubeconfig') return false;
    const key = `projects/${query.get('project')}/zones/${query.get('zone')}/instances/${query.get('instance')}`;
    const machine = world.data.machines[key];
    if (!machine) send(response, 404, {}, `The resource '${key}' was not found\n`);
    else if (machine.state !== 'running' && machine.state !== 'starting') send(response, 503, {}, UNREACHABLE);
    else if (clusters.get(key)) send(response, 200, {}, clusters.kubeconfig(key, baseUrl()));
    else send(response, 502, {}, `sudo: k0s: command not found\n${machine.problem ? `${machine.problem}\n` : ''}`);
    return true;
  };
}

/**
 * Holds the end of a terraform run, where it frees its state lock, until the machines it has started are up. Whoever
 * starts the next command has checked them; a command that starts it directly would find them still booting.
 */
export function bootsBeforeUnlock(world: World): Handler {
  return async (request) => {
    if (request.method === 'DELETE' && urlOf(request).pathname.endsWith('.tflock')) {
      const machines = () => Object.values(world.data.machines);
      await whileBooting(world, () => machines().some(isBooting));
    }
    return false;
  };
}

/** Sees every machine's change, not one moment after another: each moment that somebody waits for costs real time. */
async function whileBooting(world: World, someBoot: () => boolean): Promise<void> {
  if (!someBoot()) return;
  const booted = new Promise<void>((resolve) => {
    const end = () => {
      giveUp();
      world.events.off('machine', look);
      resolve();
    };
    const look = () => void (someBoot() || end());
    const giveUp = world.clock.after(PATIENCE, end);
    world.events.on('machine', look);
  });
  await world.clock.busy(() => world.clock.wait(() => booted));
}
