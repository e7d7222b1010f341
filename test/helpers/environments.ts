import { environmentsIn } from '../../manifests/checks/environments';
import type { Environment } from '../../manifests/checks/problem';
import { ROOT } from '../../manifests/checks/sources';

/** Every deployment of every platform of this repository. */
export const ENVIRONMENTS: readonly Environment[] = environmentsIn(ROOT);
