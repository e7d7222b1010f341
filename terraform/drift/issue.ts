import type { Platform } from '../../platforms/schema/define-platform';
import { code, codeLines } from '../planning/markdown';
import { type Drift, differs, type LayerDrift } from './drift';
import { attributeLines, outcomeOf, pendingLine, waysOut } from './wording';

/** Longest text of an issue that GitHub accepts, in characters. */
const LIMIT = 65_536;

/** The first line of an environment's issue, by which it is found again. */
export function driftMarker({ platform, env }: Pick<Drift, 'platform' | 'env'>): string {
  return `<!-- strata drift ${platform} ${env} -->`;
}

/** Title of an environment's issue. It stays the same, so that a search finds it. */
export function driftTitle({ platform, env }: Drift): string {
  return `Drift: ${platform} ${env}`;
}

/** The text of an environment's issue. It depends on what differs only, so that the same drift changes nothing. */
export function driftIssue(platform: Platform, drift: Drift): string {
  const lines = [
    driftMarker(drift),
    `What runs in ${drift.env} differs from its description. This issue is closed once \`npm run drift\` finds no difference.`,
    '',
    '| layer | |',
    '| --- | --- |',
    ...drift.layers.map((layer) => `| ${layer.layer} | ${code(outcomeOf(layer).replaceAll('|', '/'))} |`),
    ...drift.layers.flatMap((layer) => detailsOf(platform, drift.env, layer)),
  ];
  const text = lines.join('\n');
  if (text.length <= LIMIT) return text;
  const note = '\n\n_Cut: `npm run drift` shows the rest._';
  const cut = text.slice(0, LIMIT - note.length);
  return `${cut.slice(0, cut.lastIndexOf('\n'))}${note}`;
}

function detailsOf(platform: Platform, env: string, layer: LayerDrift): string[] {
  if (layer.outcome === 'failed') return ['', `### ${layer.layer}`, '', ...codeLines(layer.message)];
  if (!differs(layer)) return [];
  const { heal, adopt, check } = waysOut(platform, env, layer);
  return [
    '',
    `### ${layer.layer}`,
    '',
    ...layer.outside.flatMap((one) => [
      `- **${one.kind}** ${code(one.undo.address)}`,
      ...attributeLines(one).map((line) => `  - ${code(line)}`),
    ]),
    ...layer.pending.map((change) => `- not applied: ${code(pendingLine(change))}`),
    '',
    `Heal: ${code(heal)}`,
    '',
    `Adopt: ${code(adopt)}, until ${code(check)} shows no changes`,
  ];
}
