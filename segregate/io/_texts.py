"""A column of text that comes in parts; what is repeated is held once."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["Coded", "Texts"]

SAMPLE = 4096
"""So many rows are looked at to see whether a column repeats itself."""
OFTEN = 8
"""A column repeats itself where a text stands so many times on average in the sample."""
RARELY = 2
MANY_WORDS = 1_000_000
"""So many texts of all parts together are put into one list before the next part comes."""


class Coded(NamedTuple):
    """Different texts, and which of them stands in each row; every text is in some row.

    Attributes
    ----------
    words : arrow array of strings
    codes : ndarray of int32, shape (n,)
    """

    words: pa.Array
    codes: npt.NDArray[np.int32]

    def categories(self) -> pd.Categorical:
        """Return the column as categories; blanks are missing."""
        blank = pc.equal(pc.utf8_trim_whitespace(self.words), "").to_numpy(zero_copy_only=False)
        place: Any = np.where(blank, -1, np.cumsum(~blank) - 1).astype(np.int32)
        words = self.words.filter(pa.array(~blank)).to_pandas().astype("str")
        return pd.Categorical.from_codes(place[self.codes], categories=pd.Index(words))


class Texts:
    """A column of text, part by part.

    Parameters
    ----------
    coded : bool or None
        Whether each different text is held once, with a number for each row; None finds out from the first part.
    """

    def __init__(self, *, coded: bool | None = None) -> None:
        self._parts: list[pa.Array] = []
        self._coded, self._fixed = coded, coded is not None
        self._words = 0

    def part(self, values: pa.Array) -> pa.Array:
        """Return a part as this column holds it: with a dictionary, or as it is."""
        if self._coded is None:
            some = values.slice(0, SAMPLE)
            self._coded = OFTEN * pc.count_distinct(some).as_py() <= len(some)
        if not self._coded:
            return values
        encoded = values.dictionary_encode()
        if not self._fixed and len(values) > SAMPLE and RARELY * len(encoded.dictionary) > len(values):
            self._coded = False
            self._parts = [_plain(part) for part in self._parts]
            return values
        return encoded

    def add(self, part: pa.Array) -> None:
        """Add what `part` returned, or some rows of it."""
        if pa.types.is_dictionary(part.type):
            if not self._coded:
                part = _plain(part)
            else:
                self._words += len(part.dictionary)
        self._parts.append(part)
        if self._words > MANY_WORDS and len(self._parts) > 1:
            coded = self._put_together()
            self._parts = [pa.DictionaryArray.from_arrays(pa.array(coded.codes), coded.words)]
            self._words = len(coded.words)

    def coded(self) -> Coded | None:
        """Return the column as texts and codes, if that is how it is held."""
        return self._put_together() if self._coded and self._parts else None

    def plain(self) -> pa.ChunkedArray:
        """Return the column as strings."""
        return pa.chunked_array([_plain(part) for part in self._parts], pa.string())

    def categories(self) -> pd.Categorical:
        """Return the column as categories; blanks are missing."""
        return self._put_together().categories()

    def _put_together(self) -> Coded:
        """Return all parts with one list of texts, in the order of their first rows, without those of no row."""
        if not self._parts:
            return Coded(pa.array([], pa.string()), np.empty(0, dtype=np.int32))
        column = pa.chunked_array(self._parts).unify_dictionaries()
        words = column.chunk(0).dictionary
        codes = np.concatenate([part.indices.to_numpy() for part in column.chunks]).astype(np.int32, copy=False)
        there = np.bincount(codes, minlength=len(words)) > 0
        if not there.all():
            codes = (np.cumsum(there) - 1).astype(np.int32)[codes]
            words = words.filter(pa.array(there))
        return Coded(words, codes)


def _plain(part: pa.Array) -> pa.Array:
    return part.dictionary_decode() if pa.types.is_dictionary(part.type) else part
