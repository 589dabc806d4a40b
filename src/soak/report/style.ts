/**
 * Colours that those who do not tell red from green tell apart (Okabe and Ito), with at least 4.5 to 1 for text. No sign relies on its colour alone: words, dashes and shapes say the same.
 */
const light = `--ground:#fff;--raised:#f5f7f9;--ink:#1c2227;--muted:#56606a;--rule:#d5dae0;--grid:#e6e9ed;--raw:#bac2ca;--current:#00609c;--fan:#0072b2;--good:#00609c;--bad:#ad3f00;--open:#56606a;--shade:#eef0f3;--program-1:#ad3f00;--program-2:#007a5a;--program-3:#a04b85;--program-4:#7a6100;--program-5:#56606a`
const dark = `--ground:#14181c;--raised:#1c2227;--ink:#e8ebee;--muted:#a3adb8;--rule:#3a434c;--grid:#2a3138;--raw:#54606b;--current:#6cbdf0;--fan:#56b4e9;--good:#6cbdf0;--bad:#ff9a5c;--open:#a3adb8;--shade:#20262c;--program-1:#ff9a5c;--program-2:#3ecf9f;--program-3:#e29ac8;--program-4:#e5d04a;--program-5:#a3adb8`

/** Paper is white, whatever the screen is. */
export function colours(selector: string): string {
  return `${selector}{color-scheme:light dark;${light}}@media screen and (prefers-color-scheme:dark){${selector}{${dark}}}`
}

/** For SVG, within a page and as a file. */
export const chartStyle = `
svg text{font:11px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;fill:var(--ink);font-variant-numeric:tabular-nums;paint-order:stroke;stroke:var(--ground);stroke-width:3px;stroke-linejoin:round}
svg .heading{font-size:15px;font-weight:600}
svg .title,svg .row{font-size:12.5px;font-weight:600}
svg .note,svg .name,svg .tick{fill:var(--muted)}
svg .note.good{fill:var(--good)}
svg .note.bad{fill:var(--bad);font-weight:600}
svg path{fill:none}
svg .grid{stroke:var(--grid)}
svg .axis{stroke:var(--muted)}
svg .raw{stroke:var(--raw)}
svg .floor{stroke:var(--ink);stroke-width:4;stroke-linecap:round}
svg .floor.many{stroke-width:2.6}
svg .envelope{stroke:var(--current);stroke-width:1.6}
svg .fan{fill:var(--fan);fill-opacity:.18;stroke:none}
svg .slope{stroke:var(--fan);stroke-dasharray:5 3}
svg .warm-up{fill:var(--shade)}
svg .criterion{stroke:var(--bad);stroke-width:1.5;stroke-dasharray:2 3}
svg .limits{stroke:var(--ink);stroke-width:2}
svg .estimate{fill:var(--ink)}
svg .limits.good{stroke:var(--good)}
svg .limits.bad{stroke:var(--bad)}
svg .limits.open{stroke:var(--open)}
svg .estimate.good{fill:var(--good)}
svg .estimate.bad{fill:var(--bad)}
svg .estimate.open{fill:var(--open)}
svg .estimate.reference{fill:var(--ground);stroke:var(--ink);stroke-width:2}
svg .estimate.reference.good{stroke:var(--good)}
svg .estimate.reference.bad{stroke:var(--bad)}
svg .estimate.reference.open{stroke:var(--open)}
svg .program{stroke-width:1.8}
svg .program-0{stroke:var(--current);stroke-width:2.4}
svg .program-1{stroke:var(--program-1);stroke-dasharray:6 3}
svg .program-2{stroke:var(--program-2);stroke-dasharray:2 2}
svg .program-3{stroke:var(--program-3);stroke-dasharray:8 2 2 2}
svg .program-4{stroke:var(--program-4);stroke-dasharray:3 3}
svg .program-5{stroke:var(--program-5);stroke-dasharray:10 3}
`

export const pageStyle = `
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;-webkit-text-size-adjust:100%}
main{max-width:70rem;margin:0 auto;padding:1.5rem 1rem 4rem}
p,li{max-width:46rem}
.kind{margin:0;color:var(--muted);font-size:.875rem}
.verdict{margin:1rem 0 2rem;padding:.25rem 0 .25rem 1.25rem;border-left:6px solid var(--open)}
.verdict.clean{border-color:var(--good)}
.verdict.leak{border-color:var(--bad)}
h1{margin:0;font-size:clamp(1.5rem,1.1rem + 2vw,2.25rem);line-height:1.2;letter-spacing:-.01em;text-wrap:balance}
.leak h1{color:var(--bad)}
.clean h1{color:var(--good)}
.verdict p{margin:.5rem 0 0}
h2{margin:2.5rem 0 .75rem;font-size:1.2rem;line-height:1.3}
p,ul{margin:.75rem 0}
ul{padding-left:1.25rem}
li{margin:.25rem 0}
h1,p,li,td,th,figcaption{overflow-wrap:anywhere}
table{width:100%;border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
th,td{padding:.4rem .9rem .4rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--grid)}
thead th{color:var(--muted);font-weight:500;vertical-align:bottom;border-bottom-color:var(--rule);overflow-wrap:normal}
tbody th{min-width:7.5rem;font-weight:600}
tbody td:nth-child(2):not(.number){min-width:7rem}
.number{text-align:right;overflow-wrap:normal}
th:last-child,td:last-child{padding-right:0}
.tone{font-weight:600;white-space:nowrap;overflow-wrap:normal}
.tone.good{color:var(--good)}
.tone.bad{color:var(--bad)}
.tone.open{color:var(--open)}
pre{margin:.75rem 0;padding:.75rem 1rem;border:1px solid var(--rule);background:var(--raised);font:.875rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
figure{margin:2.5rem 0 1.5rem}
figcaption h3{margin:0;font-size:1rem}
figcaption p{margin:.25rem 0 .5rem;color:var(--muted);font-size:.875rem}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin:0 0 .75rem;padding:0;list-style:none;font-size:.8125rem;color:var(--muted)}
.legend li{display:flex;align-items:center;gap:.4rem;margin:0}
.legend svg{flex:none;width:20px;height:12px;overflow:visible}
.panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(18rem,100%),1fr));gap:1rem}
.panels svg,.whole svg{display:block;width:100%;height:auto}
.narrow{display:none}
@media screen and (max-width:44rem){
.wide{display:none}
.narrow{display:block}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table,tbody,tr,th,td{display:block}
tr{padding:.6rem 0;border-bottom:1px solid var(--rule)}
th,td,.number{padding:.1rem 0;border:0;text-align:left}
td{display:grid;grid-template-columns:minmax(0,9.5rem) minmax(0,1fr);gap:.75rem}
td::before{content:attr(data-column);color:var(--muted)}
}
@media print{
@page{margin:14mm}
body{font-size:10pt;background:none}
main{max-width:none;padding:0}
p,li{max-width:none}
pre{background:none}
table{font-size:8pt}
th,td{padding-right:.5rem}
.tone{white-space:normal}
.panels{grid-template-columns:repeat(2,1fr)}
.verdict,tr,figcaption,.legend,.panels svg,.whole,pre,li,p{break-inside:avoid}
h2,h3,figcaption,.legend{break-after:avoid}
thead{display:table-header-group}
}
`
