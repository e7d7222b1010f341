import { Command, InvalidArgumentError } from 'commander';
import { type Forward, openForward } from '../clients/forward';
import { clusterFlags, clusterPlaceOf } from '../clients/kubectl';
import { assertKubeconfig } from '../clients/running-application';
import { apiTunnel, nodePortTunnel } from '../clients/tunnel';
import { assertAwake, clusterVmOf } from '../clients/vm';
import { loadPlatform } from '../platforms/load';
import { environmentOf } from '../platforms/schema/define-platform';
import { namespaceOf } from '../platforms/schema/environment';
import { PlatformError } from '../platforms/schema/problems';
import { held } from './support/attached';
import { platformOptions } from './support/options';
import { start } from './support/start';

const command = platformOptions(new Command('npm run open --'), 'prod')
  .argument('<service>', 'a service of the platform')
  .description(
    'Forwards a local port to a service until Ctrl-C and prints its URL: over SSH to its node port, or through the API ' +
      'server if it has none. A VM is reached through Identity-Aware Proxy.',
  )
  .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 wrong usage or configuration, 5 asleep.')
  .option('--port <number>', "local port (default: the service's port)", toPort)
  .action(async (name: string, options: { platform: string; env: string; json?: true; port?: number }) => {
    const { env } = options;
    const platform = loadPlatform(options.platform);
    const { cluster } = environmentOf(platform, env);
    const service = Object.hasOwn(platform.services, name) ? platform.services[name] : undefined;
    if (!service) {
      const known = Object.keys(platform.services).join(', ');
      throw new PlatformError(`service "${name}"`, [
        `platform ${platform.name} has none of that name; it has ${known}`,
      ]);
    }
    const port = options.port ?? service.port;
    await assertAwake(platform, env);
    const forwards: Forward[] = [];
    try {
      if (cluster.kind === 'k0s-vm' && service.nodePort) {
        forwards.push(
          await openForward(nodePortTunnel({ ...clusterVmOf(platform, env), localPort: port }, service.nodePort)),
        );
      } else {
        assertKubeconfig(platform, env);
        if (cluster.kind === 'k0s-vm') {
          forwards.push(await openForward(apiTunnel(clusterVmOf(platform, env))));
        }
        const what = ['-n', namespaceOf(platform, env), 'port-forward', `service/${name}`, `${port}:${service.port}`];
        const args = [...clusterFlags(clusterPlaceOf(platform, env)), ...what];
        forwards.push(await openForward({ command: 'kubectl', args, port }));
      }
      const [last] = forwards.slice(-1);
      const url = `http://localhost:${port}`;
      const opened = { text: `${url} is ${name} in ${platform.name} ${env}`, result: { url, service: name } };
      if (last) await held(last, opened, options.json);
    } finally {
      for (const forward of forwards.reverse()) await forward.close();
    }
  });

function toPort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new InvalidArgumentError('give a port, 1 to 65535');
}

export default start(command, module);
