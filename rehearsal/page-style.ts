import { LAYERS } from '../contracts/layers';

/** Classes of colours, for the layers in apply order; further layers start again. */
const COLOURS = ['a', 'b', 'c', 'd', 'e', 'f'];

/** The class of the colour of a layer; '' for a step that concerns no layer. A name next to each bar says which layer it is. */
export function colourOf(layer: string): string {
  const index = LAYERS.findIndex(({ id }) => id === layer);
  return COLOURS[index % COLOURS.length] ?? '';
}

/** The style of the page: light and dark, from a phone to a desk. Text has a contrast of at least 4.5 to what is behind it. */
export const STYLE = `
:root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.5;
  --text: #1f2933; --soft: #52606d; --ground: #f5f7fa; --paper: #fff; --line: #d9e0e8; --track: #edf1f5;
  --ok: #1d6b45; --bad: #a3281b; --stopped: #7a4d00; --link: #1d5a9b;
  --a: #2f6db5; --b: #23805a; --c: #b5622f; --d: #7d5ba6; --e: #b5477a; --f: #2b8c8c; --none: #7b8794; color: var(--text); background: var(--ground); }
@media (prefers-color-scheme: dark) { :root {
  --text: #e4e7eb; --soft: #a9b4c0; --ground: #12181f; --paper: #1b232c; --line: #35414e; --track: #26313c;
  --ok: #6fd3a2; --bad: #ff9d8f; --stopped: #f0c36d; --link: #8fc1f5;
  --a: #6ea8e8; --b: #5cc294; --c: #e3986b; --d: #b99be0; --e: #e68ab5; --f: #6cc7c7; --none: #8b98a6; } }
* { box-sizing: border-box; }
body { margin: 0; }
main { max-width: 1080px; margin: 0 auto; padding: 24px 16px 64px; }
h1 { margin: 0; font-size: 1.7rem; line-height: 1.25; } h2 { margin: 40px 0 8px; font-size: 1.25rem; }
p { margin: 8px 0; } .soft { color: var(--soft); }
.verdict { font-size: 1.15rem; } .verdict strong { border: 2px solid; border-radius: 999px; padding: 2px 12px; margin-right: 8px; }
.passed { color: var(--ok); } .failed { color: var(--bad); } .interrupted { color: var(--stopped); }
pre { margin: 8px 0; padding: 12px; white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.9rem;
  background: var(--paper); border: 1px solid var(--line); border-radius: 8px; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 190px), 1fr)); gap: 12px; margin: 16px 0; }
dl > div { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 10px 14px; }
dt { color: var(--soft); font-size: 0.9rem; } dd { margin: 0; } dd.figure { font-size: 1.4rem; font-weight: 600; }
dl.small { gap: 0 20px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 150px), auto)); }
dl.small > div { background: none; border: 0; padding: 4px 0; }
ul.legend, ol.layers { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 8px 0; padding: 0; }
.swatch { display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin-right: 6px; background: var(--none); }
.a { --bar: var(--a); } .b { --bar: var(--b); } .c { --bar: var(--c); } .d { --bar: var(--d); } .e { --bar: var(--e); } .f { --bar: var(--f); } .wrong { --bar: var(--bad); }
.swatch, .bar { background: var(--bar, var(--none)); }
ol.layers { gap: 8px 32px; }
ol.layers li { position: relative; flex: 1 1 180px; background: var(--paper); border: 1px solid var(--line); border-left: 6px solid var(--bar);
  border-radius: 8px; padding: 8px 14px; }
ol.layers li + li::before { content: "\\2192" / ""; position: absolute; left: -28px; color: var(--soft); }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; background: var(--paper); }
table { width: 100%; border-collapse: collapse; font-size: 0.94rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding: 8px 12px; }
th, td { text-align: left; vertical-align: top; padding: 7px 12px; border-top: 1px solid var(--line); font-weight: 400; }
thead th { color: var(--soft); font-size: 0.88rem; border-top: 0; white-space: nowrap; }
tfoot th, tfoot td { font-weight: 600; } .number { text-align: right; white-space: nowrap; }
tr.failing th, tr.failing td { background: color-mix(in srgb, var(--bad) 12%, transparent); } td.outcome, td.layer { white-space: nowrap; } td.time { width: 30%; }
.track { display: block; position: relative; width: 100%; min-width: 120px; height: 12px; margin-top: 6px; border-radius: 3px; background: var(--track); }
.bar { position: absolute; top: 0; bottom: 0; min-width: 3px; border-radius: 3px; }
@media (max-width: 640px) {
  ol.layers { flex-direction: column; } ol.layers li { flex: none; } ol.layers li + li::before { display: none; }
  table.stacked, .stacked tbody, .stacked tfoot { display: block; } .stacked caption { display: block; }
  .stacked thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stacked tr { display: flex; flex-wrap: wrap; gap: 0 14px; padding: 8px 12px; border-top: 1px solid var(--line); }
  .stacked th, .stacked td { border: 0; padding: 0; background: none; } .stacked tr.failing { background: color-mix(in srgb, var(--bad) 12%, transparent); }
  .stacked th[scope=row] { flex: 1 1 70%; } .stacked td.time { flex: 1 0 100%; width: auto; margin-bottom: 6px; }
  .stacked td.layer, .stacked td.number { order: 2; } .stacked td.time { order: 1; }
  .stacked td:empty { display: none; } .stacked td[data-label]::before { content: attr(data-label) " "; color: var(--soft); }
}
@media print { :root { background: #fff; } .scroll { overflow: visible; } tr { break-inside: avoid; } }
`;
