import { scopeOf } from '../../contracts/layers';
import { environmentOf, type Platform } from '../../platforms/schema/define-platform';
import type { Change } from '../planning/result';
import type { ExaminedLayer, LayerDrift, OutsideChange } from './drift';

/** The ways out of a difference. */
export interface WaysOut {
  /** The command that makes the cloud what the description says. */
  readonly heal: string;
  /** What to change so that the description says what the cloud is. */
  readonly adopt: string;
  /** The command that shows no changes once that is done. */
  readonly check: string;
}

/** How the differences of a layer end. */
export function waysOut(platform: Platform, env: string, { layer, outside, pending }: ExaminedLayer): WaysOut {
  const through =
    scopeOf(layer) === 'cluster' && environmentOf(platform, env).cluster.kind === 'k0s-vm'
      ? `npm run tunnel -- --platform ${platform.name} ${env} `
      : '';
  const where = `--platform ${platform.name} --env ${env} --layer ${layer}`;
  const steps = [
    ...(outside.some(({ kind }) => kind === 'changed') ? ['describe the values that were found'] : []),
    ...(outside.some(({ kind }) => kind === 'deleted') ? ['remove what was deleted'] : []),
    ...(pending.some(({ action }) => action === 'create') ? ['import what exists already (see README)'] : []),
    ...(pending.some(({ action }) => action === 'destroy') ? ['describe again what has to stay'] : []),
  ];
  return {
    heal: `${through}npm run apply -- ${where}`,
    adopt: `${steps.join(', ') || 'describe what was found'}: platforms/${platform.name}/platform.ts, stacks/${layer}.ts`,
    check: `${through}npm run plan -- ${where}`,
  };
}

/** `1 changed outside, 2 not applied`. */
export function outcomeOf(layer: LayerDrift): string {
  switch (layer.outcome) {
    case 'examined':
      return countsOf(layer);
    case 'not-deployed':
      return 'not deployed yet';
    case 'asleep':
      return `not examined: ${layer.message}`;
    case 'failed':
      return 'not examined: the plan failed';
  }
}

function countsOf({ outside, pending, outputs }: ExaminedLayer): string {
  const counts = [
    [outside.filter(({ kind }) => kind === 'changed').length, 'changed outside'],
    [outside.filter(({ kind }) => kind === 'deleted').length, 'deleted outside'],
    [pending.length, 'not applied'],
  ] as const;
  const words = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return [...words, ...(outputs.length > 0 ? [`outputs change: ${outputs.join(', ')}`] : [])].join(', ') || 'clean';
}

/** What was found in the cloud, and what the description says. */
export function attributeLines({ undo }: OutsideChange): string[] {
  return undo.attributes.map(({ path, before, after }) => `${path}: found ${before}, described ${after}`);
}

/** `update google_compute_instance.vm`. */
export function pendingLine({ action, address }: Change): string {
  return `${action} ${address}`;
}
