import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow, stockSource, writeStock } from '../../bench/stock';
import { loadPlatform } from '../../platforms/load';
import { synthesise } from '../../stacks/app';
import { temporaryFolder } from '../helpers/synth';

const folder = temporaryFolder();

test('an import by file becomes one from the barrel, and its names those of a namespace', () => {
  const source = [
    "import type { LoggingMetric } from '@cdktf/provider-google/lib/logging-metric';",
    'import {',
    '  type Part,',
    '  NamespaceV1 as Namespace,',
    "} from '@cdktf/provider-kubernetes/lib/namespace-v1';",
    'export const make = (scope: Part): LoggingMetric => new Namespace(scope, "id");',
  ];
  expect(stockSource(source.join('\n')).split('\n')).toEqual([
    "import { loggingMetric as google_loggingMetric } from '@cdktf/provider-google';",
    "import { namespaceV1 as kubernetes_namespaceV1 } from '@cdktf/provider-kubernetes';",
    'export const make = (scope: kubernetes_namespaceV1.Part): google_loggingMetric.LoggingMetric => new kubernetes_namespaceV1.NamespaceV1(scope, "id");',
  ]);
});

test('an import by file of an unknown form is refused', () => {
  const source = "import * as network from '@cdktf/provider-google/lib/compute-network';";
  expect(() => stockSource(source)).toThrow(
    "import of @cdktf/provider-google/lib/compute-network'; is of a form that bench/stock.ts does not know; teach BY_FILE",
  );
});

test('the stock layout synthesises the same files', () => {
  const stock = join(folder, 'stock');
  writeStock('.', stock);
  const [theirs, ours] = [join(folder, 'theirs'), join(folder, 'ours')];
  synthesise(loadPlatform('threads'), ours);
  // In a process of its own, since the barrels would stay in this one.
  const env = { ...process.env, CDKTF_OUTDIR: theirs };
  execFileSync(process.execPath, ['-r', 'sucrase/register/ts', 'main.ts'], { cwd: stock, env });
  expect(filesBelow(theirs)).toEqual(filesBelow(ours));
  expect(Object.keys(filesBelow(ours))).toContain('threads/stacks/vpc-prod/cdk.tf.json');
  rmSync(stock, { recursive: true, force: true });
});
