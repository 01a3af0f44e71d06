"""A page that says what a run found, for people."""

from __future__ import annotations

import html
from typing import Any

import pandas as pd

from ..errors import plural
from ._plan import Plan

__all__ = ["summary_of"]

SHOWN = 10
"""Cities that a league table shows from its top, and from its end."""
LEAGUES = 12
"""League tables on the page; the file has all."""
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; }}
table {{ border-collapse: collapse; margin: .5rem 0 1.5rem; font-size: .9rem; }}
th, td {{ padding: .2rem .7rem; text-align: left; border-bottom: 1px solid #ccc; }}
td.n, th.n {{ text-align: right; font-variant-numeric: tabular-nums; }}
caption {{ text-align: left; font-weight: 600; padding: .3rem 0; }}
.wide {{ overflow-x: auto; }}
.failed {{ border-left: 4px solid #b3261e; padding-left: 1rem; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""


def summary_of(plan: Plan, table: pd.DataFrame, league: pd.DataFrame, manifest: dict[str, Any]) -> str:
    """Return a page of HTML; it says the same whenever and wherever the run was done.

    Parameters
    ----------
    plan : Plan
        The plan.
    table, league : DataFrame
        Results and ranks.
    manifest : mapping
        What is to be said.
    """
    years = sorted(table["year"].dropna().unique().tolist())
    when = f", {years[0]} to {years[-1]}" if len(years) > 1 else f", {years[0]}" if years else ""
    measured = table[table["status"] != "failed"]
    said = [
        f"<p>{plural(measured['city'].nunique(), 'city', 'cities')}{when}: {plural(len(measured), 'value')} of "
        f"{plural(measured['index'].nunique(), 'index', 'indices')} in "
        f"{plural(measured['environment'].nunique(), 'environment')}.</p>"
    ]
    failed = manifest["failed"]
    if failed:
        rows = [[str(one["city"]), _year(one["year"]), one["why"]] for one in failed]
        said.append(f'<section class="failed"><h2>{plural(len(failed), "city", "cities")} failed</h2>')
        said.append(_table(["City", "Year", "Why"], rows, numbers=()) + "</section>")
    said.append(_league(plan, league))
    if manifest["notes"]:
        said.append("<h2>Notes</h2><ul>")
        for note, number in sorted(manifest["notes"].items(), key=lambda pair: (-pair[1], pair[0])):
            said.append(f"<li>{html.escape(note)} ({plural(number, 'task')})</li>")
        said.append("</ul>")
    rows = [[one["file"], f"{one['cities']:,}", one["sha256"] or one["error"]] for one in manifest["inputs"]]
    said.append("<h2>Data</h2>" + _table(["File", "Cities", "SHA-256"], rows, numbers=(1,)))
    return PAGE.format(title=html.escape(plan.name), body="\n".join(said))


def _year(year: Any) -> str:
    return "" if year is None or pd.isna(year) else str(int(year))


def _text(value: Any) -> str:
    return _year(value) if not isinstance(value, str) else value


def _league(plan: Plan, league: pd.DataFrame) -> str:
    """Return the first league tables."""
    keys = ["year", "index", "group", "versus", "environment", "params"]
    said = ["<h2>League tables</h2>"]
    if plan.bootstrap is not None:
        level = f"{100 * plan.bootstrap.level:g} %"
        said.append(
            f"<p>Intervals and ranges of ranks hold together for all cities of a table, with {level} confidence. "
            "Cities that share a letter are not told apart.</p>"
        )
    groups = list(league.groupby(keys, sort=False, dropna=False))
    for key, part in groups[:LEAGUES]:
        year, index, group, versus, environment, params = map(_text, key)
        about = [index.replace("_", " ") + (f" of {group}" if group else ""), year]
        about += [f"against {versus}" if versus and versus != "rest" else "", environment]
        about += ["" if params == "{}" else params]
        rows = []
        shown = part if len(part) <= 2 * SHOWN else pd.concat([part.head(SHOWN), part.tail(SHOWN)])
        for _, row in shown.iterrows():
            ranks = "" if pd.isna(row["rank_low"]) else f"{row['rank_low']:.0f} to {row['rank_high']:.0f}"
            ends = "" if pd.isna(row["low"]) else f"{row['low']:.4f} to {row['high']:.4f}"
            value = row["message"] if pd.isna(row["value"]) else f"{row['value']:.4f}"
            rank = "" if pd.isna(row["rank"]) else f"{row['rank']:.0f}"
            rows.append([rank, str(row["city"]), value, ends, ranks, row["letters"]])
        caption = ", ".join(text for text in about if text)
        if len(part) > len(shown):
            caption += f" (first and last {SHOWN} of {len(part):,})"
        head = ["Rank", "City", "Value", "Interval", "Ranks possible", "Letters"]
        kept = [k for k, _ in enumerate(head) if k < 3 or any(row[k] for row in rows)]
        said.append(_table([head[k] for k in kept], [[row[k] for k in kept] for row in rows], (0, 2), caption))
    if len(groups) > LEAGUES:
        said.append(f"<p>{len(groups) - LEAGUES:,} more tables stand in league.parquet.</p>")
    return "\n".join(said)


def _table(head: list[str], rows: list[list[str]], numbers: tuple[int, ...], caption: str = "") -> str:
    def cells(row: list[str], tag: str) -> str:
        scope = " scope=col" if tag == "th" else ""
        kinds = [" class=n" if k in numbers else "" for k in range(len(row))]
        return "".join(
            f"<{tag}{kind}{scope}>{html.escape(text)}</{tag}>" for kind, text in zip(kinds, row, strict=True)
        )

    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows)
    title = f"<caption>{html.escape(caption)}</caption>" if caption else ""
    top = f"<thead><tr>{cells(head, 'th')}</tr></thead>"
    return f'<div class="wide"><table>{title}{top}<tbody>{body}</tbody></table></div>'
