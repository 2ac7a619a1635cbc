/* SPDX-License-Identifier: MIT
 *
 * Colours by the reader's preference, tables that become cards where they do not fit, and
 * paper: black on white, a new page for each site. A colour never says anything alone: the
 * words stand beside it.
 */
#include "config.h"

#include "cli/report_style.h"

#include <stddef.h>

const char *const report_style[] = {
	":root{color-scheme:light dark;--back:#fff;--card:#f6f7f9;--line:#d0d5dc;"
	"--ink:#1a1d21;--soft:#515963;--done:#1a7f37;--failed:#c62828;"
	"--not_tried:#8a6d00;--taken_back:#7a4bb3;--under_way:#1f6feb;"
	"--held_up:#b35900;--to_come:#8b949e;--danger:#fdecea}",
	"@media (prefers-color-scheme:dark){:root{--back:#14171b;--card:#1d2126;"
	"--line:#3a4149;--ink:#e6e8eb;--soft:#a5adb8;--done:#4ac26b;--failed:#ff7b72;"
	"--not_tried:#d4b106;--taken_back:#b78af0;--under_way:#6cb0ff;"
	"--held_up:#f0a04b;--to_come:#757e89;--danger:#3a1d1d}}",
	"*{box-sizing:border-box}",
	"body{margin:0 auto;padding:1rem;max-width:76rem;background:var(--back);"
	"color:var(--ink);font:16px/1.5 system-ui,sans-serif}",
	"h1{font-size:1.5rem;margin:0 0 .5rem}",
	"h2{font-size:1.15rem;margin:2rem 0 .5rem}",
	"h3{font-size:1rem;margin:1.25rem 0 .25rem}",
	"p{margin:.25rem 0}",
	".verdict{font-size:1.15rem;font-weight:600}",
	".soft,caption,.bars td:last-child{color:var(--soft)}",
	".danger{background:var(--danger);border-left:.4rem solid var(--failed);"
	"padding:.5rem 1rem;margin:1rem 0}",
	".danger h2{margin:.25rem 0;color:var(--failed)}",
	"table{border-collapse:collapse;width:100%}",
	"caption{text-align:left;font-size:.85rem;padding:.25rem 0}",
	"th,td{text-align:left;vertical-align:top;padding:.35rem .75rem .35rem 0;"
	"border-bottom:1px solid var(--line);overflow-wrap:anywhere}",
	"th{font-size:.8rem;color:var(--soft);font-weight:600}",
	"td:first-child{font-weight:600}",
	".number{text-align:right;font-variant-numeric:tabular-nums}",
	"th,time,.short{white-space:nowrap}",
	".good{color:var(--done)}.warn{color:var(--held_up)}.bad{color:var(--failed);"
	"font-weight:600}",
	"svg.bar{display:block;width:100%;height:1.4rem;background:var(--card);"
	"border:1px solid var(--line)}",
	".bars td{vertical-align:middle}.bars .drawn{width:45%}",
	".done{fill:var(--done)}.failed{fill:var(--failed)}"
	".not_tried{fill:var(--not_tried)}.taken_back{fill:var(--taken_back)}"
	".under_way{fill:var(--under_way)}.held_up{fill:var(--held_up)}"
	".to_come{fill:var(--to_come)}",
	".key{display:inline-block;margin-right:1rem;white-space:nowrap}",
	".key svg{width:.8rem;height:.8rem;margin-right:.35rem;vertical-align:-.05rem}",
	".tick::after{content:\"\\2610\";font-size:1.2rem}",
	"footer{margin-top:2rem;color:var(--soft);font-size:.85rem}",
	/* A narrow window: each row is a card, each value has its title in front. */
	"@media screen and (max-width:44rem){"
	"table:not(.fits) thead{position:absolute;left:-999rem}"
	"table:not(.fits),table:not(.fits) :is(tbody,tr,td,caption){display:block;"
	"width:auto}"
	"table:not(.fits) tr{background:var(--card);border:1px solid var(--line);"
	"border-radius:.4rem;padding:.5rem .75rem;margin:.5rem 0}"
	"table:not(.fits) td{border:0;padding:.15rem 0;text-align:left;"
	"white-space:normal}"
	"table:not(.fits) td[data-title]::before{content:attr(data-title) \" \";"
	"color:var(--soft);font-weight:400;font-size:.8rem}"
	".bars td.drawn{width:auto}"
	"table:not(.fits) td:empty:not(.tick){display:none}}",
	"@media print{:root{--back:#fff;--card:#fff;--line:#999;--ink:#000;--soft:#333;"
	"--done:#2e7d32;--failed:#b71c1c;--not_tried:#8a6d00;--taken_back:#6a1b9a;"
	"--under_way:#1565c0;--held_up:#b35900;--to_come:#bbb;--danger:#fff}"
	"body{padding:0;max-width:none;font-size:10pt;color:#000;background:#fff;"
	"print-color-adjust:exact;-webkit-print-color-adjust:exact}"
	"h2,h3,caption{break-after:avoid}tr,.danger{break-inside:avoid}"
	"thead{display:table-header-group}"
	"#needs-hands,.site+.site{break-before:page}.danger{border:2px solid "
	"var(--failed)}}",
	NULL,
};
