"""References: from the docstrings of the indices and verbs that a report uses."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from ..registry import IndexSpec

__all__ = ["Reference", "references"]

DOI = re.compile(r"\bdoi:\s*(10\.\S+?)(?=[;,.]?(?:\s|$))")
HEADING = re.compile(r"^References\n-{3,}\n(.*?)(?=^\S[^\n]*\n-{3,}|\Z)", re.MULTILINE | re.DOTALL)


class Reference(NamedTuple):
    """A reference.

    Attributes
    ----------
    text : str
        Authors, year and title, as far as they are known.
    doi : str
        "" for none.
    """

    text: str
    doi: str

    @property
    def link(self) -> str:
        """Address of the paper, "" for none."""
        return f"https://doi.org/{self.doi}" if self.doi else ""


def references(specs: Iterable[IndexSpec], verbs: Iterable[Callable[..., Any]]) -> list[Reference]:
    """Return the references of indices and verbs, each once, by their text.

    Parameters
    ----------
    specs : iterable of IndexSpec
        What was measured.
    verbs : iterable of callable
        How intervals, ranks and changes were found.

    Returns
    -------
    list of Reference
    """
    found: dict[str, Reference] = {}
    for spec in specs:
        listed = _listed(spec.function)
        known = {one.doi for one in listed}
        listed += [
            Reference("", doi) if doi.startswith("10.") else Reference(doi, "") for doi in spec.cite if doi not in known
        ]
        _add(found, listed)
    for verb in verbs:
        _add(found, _listed(verb))
    return sorted(found.values(), key=lambda one: (one.text.casefold() or "\uffff", one.doi))


def _add(found: dict[str, Reference], listed: Iterable[Reference]) -> None:
    """Add references; of two texts for one paper the longer stays."""
    for one in listed:
        key = one.doi.casefold() or one.text
        if key not in found or len(found[key].text) < len(one.text):
            found[key] = one


def _listed(function: Callable[..., Any]) -> list[Reference]:
    """Return the references of a docstring."""
    section = HEADING.search(inspect.getdoc(function) or "")
    if section is None:
        return []
    text = " ".join(section[1].split()).rstrip(".")
    listed = []
    for item in re.split(r";\s+", text):
        doi = DOI.search(f"{item} ")
        words = DOI.sub("", f"{item} ").strip().rstrip(",").strip()
        listed.append(Reference(words.removeprefix("and ").strip(), doi[1] if doi else ""))
    return [one for one in listed if one.text or one.doi]
