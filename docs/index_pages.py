"""Writes a page for each index from what the registry and the docstring say: docs/indices.

``docs/make.py`` calls it; a test fails when a page no longer matches.
"""

from __future__ import annotations

import csv
import inspect
import math
import re
from collections import defaultdict
from pathlib import Path

import segregate as sg
from segregate.registry import IndexSpec, specs

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "indices"
PEERS = ROOT / "tests" / "peers" / "values.csv"
NOTE = "<!-- Written by docs/make.py from the docstring and the registry; do not edit. -->"
UNDEFINED = "undefined in both"
AXIOMS = {
    "unit_order": "the order of the units changes nothing",
    "group_order": "the order of the groups changes nothing",
    "scale": "all counts times a number change nothing",
    "copy": "a second copy of the city changes nothing",
    "unit_split": "splitting a unit into parts of its composition changes nothing",
    "empty_unit": "a unit without people changes nothing",
    "empty_group": "a group without people changes nothing",
    "transfers": "moving people of a group to where they are scarcer never raises it",
    "exchanges": "people of two groups changing places, each to where they are scarcer, never raises it",
}


def sections(doc: str) -> dict[str, str]:
    """Split a numpydoc docstring: heading -> text; what stands before the first is "Summary"."""
    found = {"Summary": ""}
    heading = "Summary"
    lines = doc.splitlines()
    for at, line in enumerate(lines):
        if at + 1 < len(lines) and re.fullmatch(r"-{3,}", lines[at + 1]) and line.strip():
            heading = line.strip()
            found[heading] = ""
        elif not (re.fullmatch(r"-{3,}", line) and at and lines[at - 1].strip() == heading):
            found[heading] += line + "\n"
    return {name: text.strip("\n") for name, text in found.items()}


def markdown(text: str) -> str:
    """Turn the reST of a docstring into Markdown: formulas, literals, DOIs, names of indices."""
    text = formulas(text).replace("``", "\0")
    text = re.sub(r"(?<!\\)`([a-z_.]+)`", lambda m: linked(m[1]), text)
    text = text.replace("\0", "`")
    return re.sub(r"\bdoi:(10\.\S+?)(?=[;.,]?(?:\s|$))", r"[doi:\1](https://doi.org/\1)", text).strip()


def formulas(text: str) -> str:
    """Turn blocks of math into those of Markdown: the directive and what is indented below it."""
    made: list[str] = []
    inside: list[str] | None = None
    for line in [*text.splitlines(), "."]:
        if inside is not None and (line.startswith("   ") or not line.strip()):
            inside.append(line.strip())
            continue
        if inside is not None:
            made += ["$$", *filter(None, inside), "$$", ""]
            inside = None
        if line.startswith(".. math::"):
            inside = [line.removeprefix(".. math::").strip()]
        else:
            made.append(line)
    return "\n".join(made[:-1])


def linked(name: str) -> str:
    """Return the name of an index as a link to its page, any other as code."""
    return f"[`{name}`]({name}.md)" if name in specs else f"`{name}`"


def parameters(text: str) -> str:
    """Return the parameters as a list."""
    items = re.split(r"^(?=\S)", text, flags=re.M)
    listed = []
    for item in filter(None, items):
        head, _, body = item.partition("\n")
        names, _, kind = head.partition(" : ")
        said = markdown(inspect.cleandoc(body)).replace("\n\n", " ").replace("\n", " ")
        bold = ", ".join(f"**{n}**" for n in names.split(", "))
        listed.append(f"- {bold} (*{markdown(kind)}*): {said}" if kind else f"- *{markdown(names)}*: {said}")
    return "\n".join(listed)


def number(value: float) -> str:
    """Return a bound in words that Markdown shows."""
    if math.isinf(value):
        return "no limit"
    return f"{value:g}"


def peers() -> dict[str, dict[str, list[str]]]:
    """Return for each index the packages compared, each with how its numbers stand to ours."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    with PEERS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            relation = row["relation"] if row["value"] != "nan" else UNDEFINED
            found[row["index"]][f"{row['peer']} {row['version']}".strip()].append(relation)
    return found


def compared(name: str, table: dict[str, dict[str, list[str]]]) -> str:
    """Say which packages gave numbers to compare with."""
    if name not in table:
        return "No number of another package is compared; the oracle and the axioms are."
    lines = []
    for peer, relations in sorted(table[name].items()):
        undefined = relations.count(UNDEFINED)
        equal = relations.count("equal") + undefined
        reasons = sorted({r.partition(": ")[2] for r in relations if r not in ("equal", UNDEFINED)})
        who = {"formula": "the formula written out", "several": "values that several packages agree on"}.get(
            peer.split(" ")[0], peer
        )
        both = f" ({undefined} of them undefined in both)" if undefined else ""
        lines.append(f"- {who}: {equal} of {len(relations)} numbers equal{both}{''.join(f'; {r}' for r in reasons)}")
    return "\n".join(lines) + "\n\nMore on the [page of agreements and differences](../numbers-from-other-packages.md)."


def facts(spec: IndexSpec) -> str:
    """Return what the registry says, as a table."""
    least, most = spec.groups
    about = {None: "all groups together", "group": "one group", "pair": "an ordered pair of groups"}[spec.focal]
    rows = {
        "symbol": spec.symbol,
        "family": spec.family,
        "gives": {"global": "a number a population", "local": "a value a unit", "both": "both"}[spec.level],
        "groups": "two" if most == 2 else f"{least} or more",
        "about": "two groups" if spec.groups == (2, 2) else about,
        "range at home": f"{number(spec.bounds[0])} to {number(spec.bounds[1])}",
        "needs": ", ".join(sorted(spec.needs)) or "counts only",
        "within an environment": "yes" if spec.environment else "no, at home only",
        "sum over units": "yes, `sg.contributions`" if spec.additive else "no",
    }
    at = {"even": "all units alike", "complete": "one group a unit"}
    rows |= {f"value with {at[key]}": f"{value:g}" for key, value in spec.at.items()}
    return "| | |\n|---|---|\n" + "\n".join(f"| {name} | {value} |" for name, value in rows.items())


def page(spec: IndexSpec, table: dict[str, dict[str, list[str]]]) -> str:
    """Return the page of an index."""
    doc = sections(inspect.getdoc(spec.function) or "")
    words = {"group": "a", "other": "others", "value": "x", "percent": "x %", "points": "x", "unit": "nats"}
    holds = [text for axiom, text in AXIOMS.items() if axiom in spec.holds]
    pair_only = {"empty_group"} if spec.groups == (2, 2) else set()  # a third group is refused
    fails = [text for axiom, text in AXIOMS.items() if axiom not in spec.holds | pair_only]
    code = "\n".join(line[4:] if line.startswith(("    ",)) else line for line in doc["Examples"].splitlines())
    parts = [
        NOTE,
        f"# {spec.title} ({spec.symbol})",
        markdown(doc["Summary"]),
        facts(spec),
        "## In plain words",
        f"> {spec.means.format_map(words)}\n>\n> But: {spec.beware.format_map(words)}",
        "## Parameters\n\n" + parameters(doc["Parameters"]),
        "## Returns, and where there is no value\n\n" + parameters(doc["Returns"]),
    ]
    if "Notes" in doc:
        parts.append("## Notes\n\n" + markdown(doc["Notes"]))
    if spec.level != "local":
        broken = "\n\nThese fail, with a counter-example in the tests: " + "; ".join(fails) + "." if fails else ""
        parts.append("## What holds\n\nTested on random cities at home: " + "; ".join(holds) + "." + broken)
    parts += [
        "## Numbers from other packages\n\n" + compared(spec.name, table),
        "## References\n\n" + markdown(doc["References"]),
        "## Example\n\n```python\n" + code + "\n```",
    ]
    return "\n\n".join(parts) + "\n"


def pages() -> dict[str, str]:
    """Return the text of every page by the name of its file."""
    sg.bind  # noqa: B018 - fills the registry
    table = peers()
    families = sorted({spec.family for spec in specs.values()})
    listed = [f"{NOTE}\n\n# The indices\n\n[Which index answers my question?](../which-index.md)\n"]
    for family in families:
        of_family = sorted((spec for spec in specs.values() if spec.family == family), key=lambda spec: spec.name)
        lines = [f"- [{spec.title}]({spec.name}.md) ({spec.symbol}): {spec.summary}" for spec in of_family]
        listed.append(f"## {family.capitalize()}\n\n" + "\n".join(lines) + "\n")
    return {"README.md": "\n".join(listed)} | {f"{name}.md": page(spec, table) for name, spec in sorted(specs.items())}


def write() -> None:
    """Write all pages, and remove those of indices that are gone."""
    FOLDER.mkdir(exist_ok=True)
    made = pages()
    for old in FOLDER.glob("*.md"):
        if old.name not in made:
            old.unlink()
    for name, text in made.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
