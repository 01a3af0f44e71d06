"""Title and caption, written from what was computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ._words import environment_named, listed, marked, opened, people, say, translated, units

__all__ = [
    "NO_DATA_LABEL",
    "bounds_of",
    "caption_of",
    "centre_of",
    "column_of",
    "legend_title_of",
    "record_of",
    "title_of",
]

NO_DATA_LABEL = "No people / no data"
"""Label of units without a value, in English."""


def column_of(attrs: Mapping[Any, Any]) -> str:
    """Return the column that the frame is about: the recorded one, or ``value``."""
    record = attrs.get("segregate")
    return str(record.get("column") or "value") if isinstance(record, Mapping) else "value"


def record_of(attrs: Mapping[Any, Any], column: str) -> dict[str, Any]:
    """Return what the frame records about the values that are mapped.

    Parameters
    ----------
    attrs : mapping
        ``frame.attrs``; anything may be missing.
    column : str
        The mapped column. The record speaks of one column (see `column_of`); of another only the
        source of the data is known.

    Returns
    -------
    dict
        The record, empty where there is none.
    """
    record = attrs.get("segregate")
    if not isinstance(record, Mapping):
        return {}
    if column != column_of(attrs):
        return {name: record[name] for name in ("source", "licence") if record.get("source") and record.get(name)}
    return dict(record)


def bounds_of(record: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Return the smallest and largest value that there can be, None where not known."""
    low, high = record.get("bounds") or (None, None)
    return (None if low is None else float(low), None if high is None else float(high))


def centre_of(record: Mapping[str, Any]) -> float | None:
    """Return the value with a meaning in the middle, if the index has one."""
    center = record.get("center")
    return None if center is None else float(center)


def title_of(record: Mapping[str, Any], column: str) -> str:
    """Return the title: the index, and the group if it is about one."""
    title = _name(record) or column
    return say("caption.title", title=title, group=record["group"]) if record.get("group") else title


def legend_title_of(record: Mapping[str, Any], column: str) -> str:
    """Return the short name over the legend."""
    return (_name(record) if record.get("title") else None) or str(record.get("symbol") or column)


def _name(record: Mapping[str, Any]) -> str | None:
    """Return the name of what was computed: that of the index in the language, or another title."""
    title, index = record.get("title"), record.get("index")
    if not title:
        return str(index) if index else None
    return translated(translated(str(title), "index"), "title")


def caption_of(
    record: Mapping[str, Any], *, n_units: int, classes: str | None, notes: Sequence[str], palette_center: float | None
) -> str:
    """Write the caption.

    Parameters
    ----------
    record : mapping
        What the frame records, possibly nothing: then the caption says "not recorded".
    n_units : int
        Units in the frame.
    classes : str or None
        How the classes were found, in words; "" for continuous colours, None to leave it out.
    notes : sequence of str
        Notes about the map; those of the record come first.
    palette_center : float or None
        Value of the middle colour.

    Returns
    -------
    str
        Sentences in one line.
    """
    said = [_index(record), _groups(record), _environment(record)]
    said.append(_units(record, n_units))
    source = record.get("source")
    licence = f" {record['licence']}" if record.get("licence") else ""
    said.append(f"{say('about.source', source=source)}.{licence}" if source else None)
    said.append(_made(record))
    lost = [
        name
        for name, sentence in zip(("index", "groups", "environment", "", "source", "date"), said, strict=True)
        if sentence is None
    ]
    sentences = [sentence for sentence in said if sentence]
    if lost:
        words = listed([say(f"caption.lost.{name}") for name in lost])
        sentences.append(f"{say('caption.not_recorded', what=opened(words))}.")
    center = "" if palette_center is None else say("caption.middle", value=marked(f"{palette_center:g}"))
    if classes is not None:
        kind = say("caption.classes", classes=classes) if classes else say("caption.continuous")
        sentences.append(f"{kind}{center}.")
    sentences += [f"{str(note).rstrip('.')}." for note in (*(record.get("notes") or ()), *notes)]
    return " ".join(sentences)


def _index(record: Mapping[str, Any]) -> str | None:
    """Say what was computed."""
    text = _name(record)
    if not text:
        return None
    if record.get("symbol") and record["symbol"] != (record.get("title") or record.get("index")):
        text += f" ({record['symbol']})"
    if record.get("group"):
        text += say("about.of", group=record["group"])
    params = record.get("params")
    if isinstance(params, Mapping) and params:
        text += ", " + ", ".join(f"{key} = {value}" for key, value in params.items())
    if record.get("reference"):
        text += say("caption.reference")
    return f"{text}."


def _groups(record: Mapping[str, Any]) -> str | None:
    """Name the groups that make up the people."""
    groups = record.get("groups")
    return f"{say('about.groups', groups=', '.join(str(group) for group in groups))}." if groups else None


def _environment(record: Mapping[str, Any]) -> str | None:
    """Name the environment."""
    environment = record.get("environment")
    if not environment:
        return None
    return f"{say('about.environment', environment=environment_named(environment))}."


def _units(record: Mapping[str, Any], n_units: int) -> str:
    """Count units and people; say so when the map does not show what was measured."""
    measured = record.get("units")
    everybody = record.get("people")
    if isinstance(measured, int) and measured != n_units:
        text = say("caption.shown", n=n_units, measured=people(measured))
    else:
        text = units(n_units)
    return f"{text}, {say('count.people', n=everybody)}." if isinstance(everybody, int | float) else f"{text}."


def _made(record: Mapping[str, Any]) -> str | None:
    """Say when it was computed, and with what."""
    if not record.get("date"):
        return None
    version = record.get("version")
    return f"{say('caption.made', date=record['date'], version=f' {version}' if version else '')}."
