/** The style of the page; all colors have a contrast of at least 4.5 (text) or 3 (lines) to the ground. */
export const style: string = `
:root {
  color-scheme: light dark;
  --ground: #ffffff; --ink: #1c1e21; --soft: #5b6169; --rule: #dcdfe3; --band: #f5f6f8; --accent: #0b5cad;
  --gain: #2b7a4b; --loss: #b3401f;
  --s0: #0b5cad; --s1: #b3401f; --s2: #2b7a4b; --s3: #8a3f8f; --s4: #7a6410; --s5: #5b6169;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #15171a; --ink: #e7e9ec; --soft: #a3aab3; --rule: #363b42; --band: #1d2024; --accent: #7db7f5;
    --gain: #6cc492; --loss: #f0906c;
    --s0: #7db7f5; --s1: #f0906c; --s2: #6cc492; --s3: #d79adc; --s4: #d6bd55; --s5: #a3aab3;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2.5rem 1.5rem 4rem; max-width: 84rem; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
h1 { font-size: 1.65rem; line-height: 1.2; margin: 0 0 .4rem; letter-spacing: -.01em; }
h2 { font-size: 1.15rem; margin: 2.75rem 0 .3rem; }
p { margin: .2rem 0 .8rem; max-width: 46rem; }
.note { color: var(--soft); font-size: .9rem; }
.scroll { overflow-x: auto; position: relative; }
.scroll:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .4rem 0 0; }
caption { text-align: left; color: var(--soft); font-size: .9rem; padding: 0 0 .5rem; }
.queries caption { color: var(--ink); font-size: 1rem; font-weight: 600; }
th, td { padding: .42rem .6rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--rule); }
thead th { font-weight: 600; font-size: .85rem; color: var(--soft); vertical-align: bottom; border-bottom-color: var(--soft); }
thead tr:first-child th.group { border-bottom: 1px solid var(--rule); text-align: center; color: var(--ink); }
td.score { padding-left: 1.1rem; }
th.interval { text-align: center; } th.change { text-align: left; padding-left: 1.2rem; }
th:first-child, td:first-child { padding-left: .2rem; }
th.name { text-align: left; font-weight: 400; }
th.id { text-align: left; font: .85rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; white-space: normal; overflow-wrap: anywhere; min-width: 10.5rem; }
thead th.name, thead th.id { font: inherit; font-size: .85rem; font-weight: 600; }
tbody tr:hover { background: var(--band); }
tr.baseline { background: var(--band); }
td.rank, td.soft { color: var(--soft); }
.best { font-weight: 700; color: var(--accent); }
.tag { margin-left: .5rem; padding: .05rem .4rem; border: 1px solid var(--rule); border-radius: .6rem; color: var(--soft); font-size: .75rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
figure { margin: .6rem 0 0; }
.chart { display: block; width: 100%; max-width: 44rem; height: auto; }
.chart text { fill: var(--soft); font-size: 12px; }
.bar { width: 120px; height: 16px; vertical-align: middle; }
.swatch { width: 28px; height: 8px; vertical-align: middle; margin-right: .45rem; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; margin: .4rem 0 0; padding: 0; font-size: .9rem; }
.grid { stroke: var(--rule); stroke-width: 1; }
.whisker { stroke: var(--soft); stroke-width: 1.5; }
.dot { fill: var(--accent); }
.gain { fill: var(--gain); } .loss { fill: var(--loss); }
.curve { fill: none; stroke-width: 2; stroke-linejoin: round; }
.s0 { stroke: var(--s0); }
.s1 { stroke: var(--s1); stroke-dasharray: 8 3; }
.s2 { stroke: var(--s2); stroke-dasharray: 3 3; }
.s3 { stroke: var(--s3); stroke-dasharray: 10 3 2 3; }
.s4 { stroke: var(--s4); stroke-dasharray: 14 4; }
.s5 { stroke: var(--s5); stroke-dasharray: 1.5 4; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); gap: 1.6rem 3rem; margin-top: .8rem; }
.queries { min-width: 0; } .queries table { width: 100%; }
@media print { body { max-width: none; padding: 0; } .scroll { overflow: visible; } }
`;
