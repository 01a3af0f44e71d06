"""What a number says, in plain words of the report's language."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from .._catalogue import explain
from .._languages import Language
from ..indices import resolve

__all__ = ["beware", "digits_of", "interval_text", "meaning", "percent", "reading", "text_of", "unbroken", "value_text"]

DIGITS = 3
"""Decimals of indices."""
SHARES = ("information_theory", "dissimilarity", "isolation", "simpson", "gini", "relative_diversity")
"""Indices whose sentence speaks of per cent; it is wrong for values outside 0 to 1, which surroundings can give."""


def percent(language: Language, share: float) -> str:
    """Write a share in per cent, with more decimals the smaller it is."""
    if not math.isfinite(share):
        return language.number(share)
    value = abs(100 * share)
    digits = 0 if value == 0 or value >= 99.95 else 1 if value >= 1 else min(6, 1 - math.floor(math.log10(value)))
    return unbroken(language.percent(share, digits))


def unbroken(text: str) -> str:
    """Keep a number and its sign in one line."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def digits_of(value: float) -> int:
    """Return the decimals with which an index is written: three, and more for small values."""
    if value == 0 or not math.isfinite(value) or abs(value) >= 0.01:
        return DIGITS
    return min(9, 2 - math.floor(math.log10(abs(value))))


def value_text(language: Language, value: float) -> str:
    """Write the value of an index."""
    return language.number(value, digits_of(value))


def interval_text(language: Language, row: Mapping[Any, Any]) -> str:
    """Write "0.41 to 0.42" with the decimals of the value; "" where there is no interval."""
    low, high, value = (float(row[name]) for name in ("low", "high", "value"))
    if not (math.isfinite(low) and math.isfinite(high)):
        return ""
    digits = digits_of(value)
    while digits < 9 and low != high and round(low, digits) == round(high, digits):
        digits += 1
    return language.text("range.to", low=language.number(low, digits), high=language.number(high, digits))


def text_of(language: Language, row: Mapping[Any, Any]) -> str:
    """Write "0.41 (0.40 to 0.42)"."""
    within = interval_text(language, row)
    return value_text(language, float(row["value"])) + (f" ({within})" if within else "")


def reading(language: Language, row: Mapping[Any, Any], shares: Mapping[str, float]) -> str:
    """Say what a row of the headline table means here.

    Parameters
    ----------
    language : Language
        Of the report.
    row : mapping
        A row of `segregate.measure`.
    shares : mapping from group to float
        Their shares among all people.

    Returns
    -------
    str
        A sentence in the language; where there is none for this index, or none that is true of this value, the name of
        the index and the number (in English what `segregate.explain` says).
    """
    name, value, group = str(row["index"]), float(row["value"]), str(row["group"] or "")
    if math.isnan(value):
        return language.text("report.headline.undefined", why=str(row["message"]))
    key = f"report.reading.{name}" + ("_group" if group and name in ("dissimilarity",) else "")
    plain = row["params"] in ("", "{}")
    if plain and name in SHARES and language.has(key) and 0 <= value <= 1:
        even = percent(language, shares[group]) if group in shares else ""
        return unbroken(language.text(key, percent=percent(language, value), group=group, even=even))
    if language.code == "en" and (0 <= value <= 1 or name not in SHARES):
        return explain({**row, "message": ""})
    about = language.text("about.of", group=group) if group else ""
    return f"{language.title(name)}{about}: {value_text(language, value)}."


def beware(language: Language, name: str) -> str:
    """Return what an index does not say; "" where the language has no sentence for it."""
    key = f"report.beware.{name}"
    return language.text(key) if language.has(key) else ""


def meaning(language: Language, name: str, group: str | None) -> str:
    """Return what a local index says; "" where the language has no sentence for it."""
    key = f"report.reading.{resolve(name).spec.name}"
    if group is None and language.has(f"{key}_each"):
        key += "_each"
    return language.text(key, group=group or "") if language.has(key) else ""
