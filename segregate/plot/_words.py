"""Words and numbers of plots, in the language of the surroundings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from .._languages import language_of

__all__ = [
    "environment_named",
    "index_title",
    "interval_of",
    "listed",
    "marked",
    "number_ticks_of",
    "of_group",
    "opened",
    "people",
    "percent",
    "percent_ticks",
    "say",
    "sentences",
    "titled",
    "translated",
    "units",
    "versus_named",
]

ENVIRONMENTS = {
    "home": r"home",
    "kernel": r"kernel (?P<shape>\w+) (?P<radius>\S+) m",
    "network": r"network (?P<shape>\w+) (?P<radius>\S+) m",
    "decay": r"decay (?P<scale>\S+) m",
    "nearest": r"nearest (?P<people>\S+) people",
    "weights": r"weights",
}
"""How environments write themselves; any other one stays as it is."""
REST = "rest"


class Named(Protocol):
    """A result with a headline."""

    @property
    def title(self) -> str:
        """The headline in English."""

    @property
    def about(self) -> Any:
        """Index, group, versus and environment."""


def say(key: str, /, **values: object) -> str:
    """Return a message of the language of the surroundings."""
    return language_of().text(key, **values)


def translated(text: str, table: str) -> str:
    """Return a text that is one of the English messages of a table in the language, any other as it is."""
    return language_of().known(text, table)


def index_title(name: str) -> str:
    """Return the name of an index."""
    return language_of().title(name)


def units(number: int) -> str:
    """Write a number of units."""
    return say("count.unit", n=number)


def people(number: float) -> str:
    """Write a number of people."""
    return language_of().people(number)


def percent(share: float) -> str:
    """Write a share as a percentage of three digits or fewer."""
    value = 100 * share
    text = f"{value:.0f}" if value >= 99.95 or value == 0 else f"{value:.1f}" if value >= 1 else f"{value:.2g}"
    language = language_of()
    return language.per_cent(language.marked(text))


def percent_ticks() -> Callable[[float, object], str]:
    """Return what writes whole percentages on an axis; the language is that of now."""
    language = language_of()
    return lambda value, _: language.percent(value, 0)


def number_ticks_of(pattern: str) -> Callable[[float, object], str]:
    """Return what writes numbers on an axis in an English pattern; the language is that of now."""
    language = language_of()
    return lambda value, _: language.marked(format(value, pattern))


def marked(written: str) -> str:
    """Give a number written the English way the marks of the language."""
    return language_of().marked(written)


def listed(words: Iterable[str]) -> str:
    """Write "a, b and c"."""
    return language_of().listed(list(words))


def opened(text: str) -> str:
    """Begin a text with a capital."""
    return f"{text[:1].upper()}{text[1:]}"


def sentences(said: Iterable[str]) -> str:
    """Put sentences one after another, each with its full stop."""
    return " ".join(f"{sentence.rstrip('.')}." for sentence in said)


def versus_named(versus: str) -> str:
    """Return with whom a group is compared: its name, or the word for the rest."""
    return say("about.rest") if versus == REST else versus


def of_group(about: Mapping[str, Any]) -> str:
    """Return " of black against rest", or nothing where no group is meant."""
    if not about["group"]:
        return ""
    if not about["versus"]:
        return say("about.of", group=about["group"])
    return say("about.of_against", group=about["group"], versus=versus_named(about["versus"]))


def titled(result: Named) -> str:
    """Return the headline of a result: "Dissimilarity of black against rest"."""
    if language_of().code == "en":
        return opened(result.title)
    about = result.about
    where = "" if about["environment"] == "home" else f", {environment_named(about['environment'])}"
    return f"{index_title(about['index'])}{of_group(about)}{where}"


def environment_named(environment: object) -> str:
    """Return the name of an environment."""
    text = str(environment)
    if language_of().code == "en":
        return text
    for name, pattern in ENVIRONMENTS.items():
        found = re.fullmatch(pattern, text)
        if found:
            values = found.groupdict()
            if "shape" in values:
                values["shape"] = translated(values["shape"], "shape")
            return say(f"environment.{name}", **{key: _plain(value) for key, value in values.items()})
    return text


def _plain(value: str) -> str:
    return marked(value) if value.replace(".", "", 1).isdigit() else value


def interval_of(level: float) -> str:
    """Return "95 % interval"."""
    return say("interval.name", level=level_of(level))


def level_of(level: float) -> str:
    """Write a level of confidence in per cent."""
    language = language_of()
    return language.per_cent(language.marked(f"{100 * level:g}"))
