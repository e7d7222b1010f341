import { Fn, Lazy, TerraformElement, TerraformOutput, TerraformStack, TerraformVariable } from 'cdktf';
import type { Construct, Node } from 'constructs';
import type { Contract, OutputName, Outputs } from '../contracts/contract';
import { isBefore, type LayerId, stackId } from '../contracts/layers';
import type { LoadedPlatform } from '../platforms/load';
import { environmentOf } from '../platforms/schema/define-platform';
import { kubeconfigOf } from '../platforms/schema/environment';
import { namesOf } from '../platforms/schema/names';
import { keepState, readState } from './layer-state';

/** Properties of every `Layer`. */
export interface LayerProps {
  /** The platform. */
  readonly platform: LoadedPlatform;
  /** Name of the environment. */
  readonly env: string;
  /** The layers of the environment that are applied before this one. @default - none */
  readonly earlier?: readonly Layer<Contract>[];
}

/**
 * One layer of a platform in one environment: a Terraform stack with a separate state.
 *
 * Creates the backend, an output for each output of its contract, and a `terraform_remote_state` for each earlier layer that it
 * reads.
 *
 * @example
 * class MyLayer extends Layer<typeof ARGOCD_APP> {
 *   constructor(scope: Construct, props: LayerProps) {
 *     super(scope, ARGOCD_APP, props);
 *     const { argocd_namespace } = this.read(this.require(K8S), 'kubeconfig');
 *     this.export({ app_name: this.platform.name, app_namespace: argocd_namespace });
 *   }
 * }
 */
export abstract class Layer<C extends Contract> extends TerraformStack {
  /** Name of the environment. */
  readonly env: string;
  /** The platform. */
  readonly platform: LoadedPlatform;
  private readonly earlier: readonly Layer<Contract>[];
  /** Names of the outputs that it reads, by the layer that exports them. */
  private readonly reads = new Map<LayerId, Set<string>>();

  protected constructor(
    scope: Construct,
    /** What it exports. */
    readonly contract: C,
    { platform, env, earlier = [] }: LayerProps,
  ) {
    super(scope, stackId(contract.layer, env));
    environmentOf(platform, env);
    this.env = env;
    this.platform = platform;
    this.earlier = earlier;
    keepState(this, { platform, env, layer: contract.layer });
  }

  /** Names of the environment's resources, which other layers and commands use too. */
  get names() {
    return namesOf(this.platform.name, this.env);
  }

  /** Labels of every resource that supports them. @param component - the component that it belongs to, such as `storage` */
  labels(component: string): Record<string, string> {
    return { platform: this.platform.name, environment: this.env, component };
  }

  /** Declares the outputs of the contract. */
  protected export(values: Outputs<C>): void {
    for (const [name, description] of Object.entries(this.contract.outputs)) {
      new TerraformOutput(this, name, { value: values[name as OutputName<C>], description });
    }
  }

  /** The earlier layer with a contract; undefined if the environment does not have that layer. */
  protected find<D extends Contract>(contract: D): Layer<D> | undefined {
    return this.earlier.find((layer): layer is Layer<D> => layer.contract.layer === contract.layer);
  }

  /** The earlier layer with a contract. @throws Error if the environment does not have that layer. */
  protected require<D extends Contract>(contract: D): Layer<D> {
    const found = this.find(contract);
    if (found) return found;
    throw new Error(
      `layer ${this.contract.layer} needs layer ${contract.layer}, which environment "${this.env}" does not have`,
    );
  }

  /**
   * Reads the outputs of an earlier layer from its state.
   *
   * @param demands - `kubeconfig` to fail if the file of `kubeconfig_path` does not exist, before a provider falls back to another
   * cluster. @default - nothing
   * @throws Error if the other layer is neither an earlier one nor the same one of another environment.
   */
  protected read<D extends Contract>(other: Layer<D>, demands?: 'kubeconfig'): Outputs<D> {
    const { contract } = other;
    const isShared = contract.layer === this.contract.layer && other.env !== this.env;
    if (!isShared && !isBefore(contract.layer, this.contract.layer)) {
      throw new Error(
        `layer ${this.contract.layer} reads ${contract.layer}, which is not an earlier layer; see contracts/layers.ts`,
      );
    }
    this.addDependency(other);
    const state = readState(this, { platform: other.platform, env: other.env, layer: contract.layer });
    const note = this.recordReads(contract.layer);
    if (demands) {
      state.addOverride('lifecycle', { postcondition: [this.kubeconfigExists('self.outputs.kubeconfig_path')] });
      note('kubeconfig_path');
    }
    const outputs = {};
    for (const name of Object.keys(contract.outputs)) {
      const get = () => {
        note(name);
        return state.getString(name);
      };
      Object.defineProperty(outputs, name, { get, enumerable: true });
    }
    return outputs as Outputs<D>;
  }

  /**
   * Records what this layer reads in an output, so that its state says it even after the code has changed: an output that a
   * deployed layer reads must not go away.
   *
   * @returns a function that adds the name of an output of `earlier`.
   */
  private recordReads(earlier: LayerId): (output: string) => void {
    if (this.reads.size === 0) {
      const value = Lazy.anyValue({
        produce: () => Object.fromEntries([...this.reads].map(([layer, names]) => [layer, [...names].sort()])),
      });
      new TerraformOutput(this, 'reads', { value, description: 'outputs of earlier layers that this layer reads' });
    }
    const names = this.reads.get(earlier) ?? new Set();
    this.reads.set(earlier, names);
    return (output) => names.add(output);
  }

  /** Path of the kubeconfig of an existing cluster. Like the one that an earlier layer exports, it must exist. */
  protected givenKubeconfig(): string {
    const variable = new TerraformVariable(this, 'kubeconfig', {
      type: 'string',
      description: `kubeconfig of the cluster of ${this.platform.name}`,
      default: kubeconfigOf(this.platform, this.env).path,
    });
    variable.addOverride('validation', [this.kubeconfigExists('var.kubeconfig')]);
    return variable.stringValue;
  }

  /** Configuration of the Kubernetes and Helm providers for a kubeconfig. */
  protected access(kubeconfig: string): { configPath: string; configContext?: string } {
    const { context: configContext } = kubeconfigOf(this.platform, this.env);
    return { configPath: Fn.pathexpand(kubeconfig), ...(configContext && { configContext }) };
  }

  private kubeconfigExists(path: string) {
    return {
      condition: `\${fileexists(pathexpand(${path}))}`,
      error_message: `kubeconfig \${pathexpand(${path})} does not exist; ${this.kubeconfigFix()}`,
    };
  }

  private kubeconfigFix(): string {
    const { cluster } = environmentOf(this.platform, this.env);
    switch (cluster.kind) {
      case 'k0s-vm':
        return `create it with: npm run kubeconfig -- ${this.env}`;
      case 'hetzner-k3s':
        return `hetzner-k3s writes it when it creates or updates cluster "${cluster.name}"`;
      case 'kubeconfig':
        return `copy a kubeconfig with context "${cluster.context}" to this path`;
    }
  }

  /** Makes the address of a resource the path of its ids, such as `vm_boot-g1`, without a hash: restores and imports use it. */
  protected override allocateLogicalId(element: TerraformElement | Node): string {
    const { scopes } = TerraformElement.isTerraformElement(element) ? element.node : element;
    return scopes
      .slice(scopes.indexOf(this) + 1)
      .map(({ node }) => node.id)
      .join('_');
  }
}
