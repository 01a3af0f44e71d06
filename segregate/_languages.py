"""Languages of legends, captions and reports: words from message files, and how numbers are written.

Each language is one TOML file in ``segregate/messages``. English is complete; the others have the same keys.
"""

from __future__ import annotations

import functools
import math
import tomllib
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from .errors import UnknownNameError, nearest

__all__ = ["LANGUAGES", "Language", "language_of", "speak"]

LANGUAGES = {"en": "English", "fr": "français", "de": "Deutsch", "es": "español", "it": "italiano"}
"""Codes of the languages, and what each calls itself."""
MINUS = "\N{MINUS SIGN}"
_spoken: ContextVar[str] = ContextVar("segregate-language", default="en")


@dataclass(frozen=True)
class Language:
    """A language: its words and its numbers.

    Attributes
    ----------
    code : str
        Two letters, ``"en"``, ``"fr"``, ``"de"``, ``"es"`` or ``"it"``.
    """

    code: str

    def has(self, key: str) -> bool:
        """Say whether there is a message, such as ``"legend.no_data"``."""
        return key in _messages(self.code)

    def text(self, key: str, /, **values: object) -> str:
        """Return a message with its values.

        Parameters
        ----------
        key : str
            Path of the message in the file, such as ``"caption.source"``. A message that depends on a number has the
            keys ``<key>.one`` and ``<key>.other`` and takes this number as ``n``; it is written as a number.
        **values : object
            What stands for ``{name}`` in the message. Numbers other than ``n`` come written.

        Returns
        -------
        str
            The text; what is not there in this language is given in English.

        Raises
        ------
        UnknownNameError
            When there is no such message.
        """
        if "n" in values:
            number = values["n"]
            if not isinstance(number, str):
                quantity = float(number)  # type: ignore[arg-type]
                form = "one" if quantity == 1 or (self.code == "fr" and 0 <= quantity < 2) else "other"
                values = {**values, "n": self.people(quantity)}
                if not self._find(key):
                    key = f"{key}.{form}"
        found = self._find(key)
        if found is None:
            raise UnknownNameError(f"There is no message {key!r}. {nearest(key, _messages('en'))}")
        return found.format(**values) if values else found

    def _find(self, key: str) -> str | None:
        found = _messages(self.code).get(key)
        return _messages("en").get(key) if found is None else found

    def marked(self, written: str) -> str:
        """Give a number written the English way (``-1,234.5``) the marks of this language."""
        text = written.replace("-", MINUS)
        if self.code == "en":
            return text
        decimal, thousands = self.text("number.decimal"), self.text("number.thousands")
        least = int(self.text("number.from"))
        whole, point, rest = text.partition(".")
        if sum(letter.isdigit() for letter in whole) < least:
            thousands = ""
        return whole.replace(",", thousands) + (decimal if point else "") + rest

    def number(self, value: float, digits: int = 0) -> str:
        """Write a number with so many decimals; NaN is the word for undefined.

        Parameters
        ----------
        value : float
            The number.
        digits : int
            Decimals.

        Returns
        -------
        str
            Such as ``"1,234.5"``, in German ``"1.234,5"``.
        """
        if math.isnan(value):
            return self.text("number.undefined")
        if math.isinf(value):
            return f"{MINUS if value < 0 else ''}\N{INFINITY}"
        return self.marked(f"{round(float(value), digits) + 0.0:,.{max(digits, 0)}f}")

    def people(self, number: float) -> str:
        """Write a number of people: whole, or with one decimal where it is not."""
        return self.number(number, 0 if float(number).is_integer() else 1)

    def percent(self, share: float, digits: int = 1) -> str:
        """Write a share (0.123) in per cent (12.3 %)."""
        if not math.isfinite(share):
            return self.number(share, digits)
        return self.per_cent(self.number(100 * share, digits))

    def per_cent(self, written: str) -> str:
        """Put the sign for per cent behind a number."""
        return self.text("number.percent", number=written)

    def title(self, index: str) -> str:
        """Return the name of an index, such as ``"Dissimilarity"``; one without a message is named by itself."""
        key = f"index.{index}"
        return self.text(key) if self.has(key) else index.replace("_", " ").capitalize()

    def known(self, text: str, table: str) -> str:
        """Translate a text that is an English message.

        Parameters
        ----------
        text : str
            Such as ``"two-sided"``.
        table : str
            Where the message stands in the file, such as ``"alternative"``.

        Returns
        -------
        str
            The message in this language; a text that is not in the table as it is.
        """
        key = _english(table).get(text)
        return text if key is None else self.text(key)

    def listed(self, words: list[str]) -> str:
        """Write a list: "a, b and c"."""
        if len(words) < 2:
            return "".join(words)
        return self.text("list.last", before=", ".join(words[:-1]), last=words[-1])


def language_of(code: str | None = None) -> Language:
    """Return a language.

    Parameters
    ----------
    code : str or None
        Two letters; None is the language of the surrounding ``sg.plot.style(language=...)``, else English.

    Returns
    -------
    Language
        Words and numbers.

    Raises
    ------
    UnknownNameError
        When there is no such language.
    """
    if code is None:
        return Language(_spoken.get())
    if not isinstance(code, str) or code not in LANGUAGES:
        listed = ", ".join(f"{one!r} ({name})" for one, name in LANGUAGES.items())
        raise UnknownNameError(f"There is no language {code!r}. There are: {listed}.")
    return Language(code)


def speak(code: str | None) -> str:
    """Let a language be that of the surroundings from here on; return the one before, which has to be put back.

    Parameters
    ----------
    code : str or None
        One of `LANGUAGES`; None changes nothing.
    """
    before = _spoken.get()
    if code is not None:
        _spoken.set(code)
    return before


@functools.cache
def _messages(code: str) -> Mapping[str, str]:
    """Return the messages of a language by path."""
    text = files("segregate").joinpath("messages", f"{code}.toml").read_text(encoding="utf-8")
    return dict(_flat(tomllib.loads(text), ""))


@functools.cache
def _english(table: str) -> Mapping[str, str]:
    """Return the keys of a table by their English messages."""
    return {text: key for key, text in _messages("en").items() if key.startswith(f"{table}.")}


def _flat(table: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    for name, content in table.items():
        key = f"{path}.{name}" if path else name
        if isinstance(content, Mapping):
            yield from _flat(content, key)
        else:
            yield key, str(content)
