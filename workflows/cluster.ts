import { environmentOf, type Platform } from '../platforms/schema/define-platform';
import { ours, value } from './command';
import { input, isOneOf, secret } from './expression';
import type { CommandStep, Step } from './workflow';

/**
 * How a runner reaches the clusters of some environments: steps that write a kubeconfig, each for the environments that need it.
 *
 * @param environment - the environment of the run. @default - `inputs.environment`
 */
export function clusterAccess(
  platform: Platform,
  environments: readonly string[],
  environment: string = input('environment'),
): Step[] {
  const of = (kind: string) => environments.filter((env) => environmentOf(platform, env).cluster.kind === kind);
  const step = (
    envs: readonly string[],
    name: string,
    env: Readonly<Record<string, string>>,
    ...from: string[]
  ): Step[] =>
    envs.length === 0
      ? []
      : [
          {
            name,
            ...(envs.length < environments.length && { if: isOneOf('inputs.environment', envs) }),
            env: { ENVIRONMENT: environment, ...env },
            run: ours('kubeconfig', '--env', value('ENVIRONMENT'), ...from),
          },
        ];
  return [
    ...step(of('k0s-vm'), 'Fetch the kubeconfig of the VM', {}),
    ...step(
      of('hetzner-k3s'),
      'Write the kubeconfig of the cluster',
      { CLUSTER_KUBECONFIG: secret('KUBECONFIG') },
      '--from',
      'variable',
    ),
    ...step(of('kubeconfig'), 'Write the kubeconfig of the runner', {}, '--from', 'pod'),
  ];
}

/** A step with an id. */
type Identified = CommandStep & { readonly id: string };

/**
 * A step that reaches the cluster of `inputs.environment`: a VM through a tunnel, other clusters directly. A platform with both has a step
 * for each, with an id for each.
 *
 * @param step - its variable `ENVIRONMENT` names the environment.
 */
export function inCluster(platform: Platform, environments: readonly string[], step: Identified): Identified[] {
  const isPrivate = (env: string) => environmentOf(platform, env).cluster.kind === 'k0s-vm';
  const direct = environments.filter((env) => !isPrivate(env));
  const tunnelled = environments.filter(isPrivate);
  const only = (envs: readonly string[]) =>
    envs.length < environments.length && { if: isOneOf('inputs.environment', envs) };
  const run = ours('tunnel', value('ENVIRONMENT'), '--', ...step.run);
  return [
    ...(direct.length > 0 ? [{ ...step, ...only(direct) }] : []),
    ...(tunnelled.length > 0 ? [{ ...step, id: `${step.id}-by-tunnel`, ...only(tunnelled), run }] : []),
  ];
}
