import type { Platform } from '../../platforms/schema/define-platform';
import { type Drift, differs, type LayerDrift } from './drift';
import { attributeLines, outcomeOf, pendingLine, waysOut } from './wording';

/** The drift of an environment as text for a terminal. */
export function driftText(platform: Platform, drift: Drift): string {
  const { env, layers } = drift;
  return [
    `Drift: ${platform.name} ${env}`,
    '',
    ...layers.flatMap((layer) => [
      `${layer.layer}  ${outcomeOf(layer)}`,
      ...detailsOf(layer).map((line) => `  ${line}`),
      ...endOf(platform, env, layer).map((line) => `  ${line}`),
    ]),
  ].join('\n');
}

function detailsOf(layer: LayerDrift): string[] {
  if (layer.outcome === 'failed') return layer.message.split('\n');
  if (layer.outcome !== 'examined') return [];
  return [
    ...layer.outside.flatMap((one) => [
      `${one.kind.padEnd(11)}  ${one.undo.address}`,
      ...attributeLines(one).map((line) => `  ${line}`),
    ]),
    ...layer.pending.map((change) => `not applied  ${pendingLine(change)}`),
  ];
}

function endOf(platform: Platform, env: string, layer: LayerDrift): string[] {
  if (!differs(layer)) return [];
  const { heal, adopt, check } = waysOut(platform, env, layer);
  return [`heal:   ${heal}`, `adopt:  ${adopt}`, `        until this shows no changes: ${check}`];
}
