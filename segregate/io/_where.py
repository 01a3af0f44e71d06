"""Conditions on rows, written as in SQL, for formats that know no SQL: a parser and nothing that runs text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from segregate.errors import ParameterError, first_of, nearest

__all__ = ["Condition", "parse_condition"]

LONGEST = 100_000
DEEPEST = 50
MOST = 500
"""Characters, brackets within brackets, and comparisons of a condition."""
TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')"
    r'|(?P<quoted>"(?:[^"]|"")+")'
    r"|(?P<number>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![\w.]))"
    r"|(?P<word>[^\W\d]\w*)"
    r"|(?P<sign><>|!=|<=|>=|==|=|<|>|\(|\)|,))"
)
COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
SAME = {"==": "=", "<>": "!="}
OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
HELP = (
    "It takes comparisons of a column with a number or a 'text' (=, !=, <, <=, >, >=, IN (...), BETWEEN ... AND ..., "
    "LIKE 'a%', IS NULL), put together with AND, OR, NOT and brackets, such as \"state = 'CA' AND year >= 2010\"."
)


class Token(NamedTuple):
    """A piece of a condition: its kind, its value, where it stands and how it is written."""

    kind: str
    value: Any
    place: int
    raw: str = ""


@dataclass(frozen=True)
class Leaf:
    """A comparison of a column with constants."""

    column: str
    sign: str
    constants: tuple[Token, ...] = ()


@dataclass(frozen=True)
class Both:
    """Conditions joined by AND or OR."""

    word: str
    parts: tuple[Leaf | Both, ...]


class Condition:
    """A condition that was understood.

    Attributes
    ----------
    text : str
        As it was written.
    columns : tuple of str
        The columns that it looks at, as they stand in the file.
    """

    def __init__(self, text: str, tree: Leaf | Both, file: str) -> None:
        self.text, self._tree, self._file = text, tree, file
        self.columns = tuple(dict.fromkeys(leaf.column for leaf in _leaves(tree)))

    def expression(self, schema: pa.Schema) -> Any:
        """Return the condition for columns of some types, as pyarrow takes it.

        As in SQL a comparison with a missing value is not met, whatever the sign; NaN counts as missing.

        Raises
        ------
        ParameterError
            Where a number is compared with a column of text or the reverse; they are never turned into each other.
        """
        return self._build(self._tree, schema)

    def rows_of(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of a frame that meet the condition."""
        try:
            looked_at = {name: pa.array(frame[name], from_pandas=True) for name in self.columns}
        except pa.ArrowException:
            raise self._error(f"a column of {first_of(self.columns)} holds values of several kinds") from None
        table = pa.table([*looked_at.values(), pa.array(np.arange(len(frame)))], [*looked_at, ""])
        met: pd.DataFrame = frame.iloc[table.filter(self.expression(table.schema))[""].to_numpy()]
        return met

    def _build(self, tree: Leaf | Both, schema: pa.Schema) -> Any:
        if isinstance(tree, Leaf):
            return self._leaf(tree, schema.field(tree.column).type)
        built = [self._build(part, schema) for part in tree.parts]
        found = built[0]
        for part in built[1:]:
            found = found & part if tree.word == "AND" else found | part
        return found

    def _leaf(self, leaf: Leaf, kind: pa.DataType) -> Any:
        column = pc.field(leaf.column)
        if pa.types.is_dictionary(kind):
            kind = kind.value_type
            column = column.cast(kind)
        if leaf.sign in ("IS NULL", "IS NOT NULL"):
            absent = column.is_null(nan_is_null=pa.types.is_floating(kind))
            return absent if leaf.sign == "IS NULL" else ~absent
        if leaf.sign in ("LIKE", "NOT LIKE"):
            if not _is_text(kind):
                raise self._wrong(leaf, kind, leaf.constants[0])
            like = pc.match_like(column, str(leaf.constants[0].value))
            return like if leaf.sign == "LIKE" else ~like
        values = [self._constant(leaf, token, kind) for token in leaf.constants]
        if leaf.sign in ("IN", "NOT IN"):
            if _is_number(kind):
                whole = pa.types.is_integer(kind) and all(pa.types.is_integer(value.type) for value in values)
                kind = pa.int64() if whole else pa.float64()
                column = column.cast(kind)
            among = column.isin(pa.array([value.as_py() for value in values], kind))
            if leaf.sign == "IN":
                return among
            return ~among & ~column.is_null(nan_is_null=pa.types.is_floating(kind))
        compared = COMPARE[leaf.sign](column, values[0])
        if leaf.sign == "!=" and pa.types.is_floating(kind):
            return compared & ~pc.is_nan(column)
        return compared

    def _constant(self, leaf: Leaf, token: Token, kind: pa.DataType) -> pa.Scalar:
        """Return a constant of the type of the column; only where both are text, numbers, truth values or dates."""
        value = token.value
        if _is_text(kind) and isinstance(value, str):
            return pa.scalar(value, kind)
        if pa.types.is_boolean(kind) and isinstance(value, bool):
            return pa.scalar(value)
        if _is_number(kind) and not isinstance(value, (str, bool)):
            return pa.scalar(value, pa.int64() if isinstance(value, int) else pa.float64())
        if pa.types.is_temporal(kind) and isinstance(value, str):
            try:
                return pa.scalar(value).cast(kind)
            except pa.ArrowException:
                pass
        raise self._wrong(leaf, kind, token)

    def _wrong(self, leaf: Leaf, kind: pa.DataType, token: Token) -> ParameterError:
        name = leaf.column
        if _is_text(kind):
            return self._error(f"column {name!r} holds text; write '{token.raw.strip(chr(39))}', in quotes")
        if pa.types.is_boolean(kind):
            return self._error(f"column {name!r} holds true and false; write {name} = TRUE")
        if pa.types.is_temporal(kind):
            return self._error(f"column {name!r} holds times ({kind}); write them like '2021-03-21'")
        if _is_number(kind):
            number = isinstance(token.value, str) and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", token.value)
            advice = f"; write {token.value}, without quotes" if number and leaf.sign[-4:] != "LIKE" else ""
            return self._error(f"column {name!r} holds numbers, and {token.raw} is none{advice}")
        return self._error(f"column {name!r} holds {kind} values, which cannot be compared")

    def _error(self, reason: str) -> ParameterError:
        return ParameterError(f"where={self.text!r} does not fit {self._file}: {reason}.")


def parse_condition(text: str, names: Sequence[str], file: str) -> Condition:
    """Read a condition.

    Parameters
    ----------
    text : str
        ``"state = 'CA' AND (year >= 2010 OR note IS NULL)"``. Names of columns that are no plain words stand in double
        quotes; a quote in a text is written twice.
    names : list of str
        The columns that there are. Upper and lower case matter only where two names differ in nothing else.
    file : str
        For messages.

    Raises
    ------
    ParameterError
        For what is no such condition; the message says from where on it was not understood.
    """
    if not isinstance(text, str) or not text.strip():
        raise ParameterError(f"where= takes a condition, such as \"state = 'CA'\", not {text!r}.")
    if len(text) > LONGEST:
        raise ParameterError(f"where= has {len(text):,} characters; more than {LONGEST:,} are not read.")
    return Condition(text, _Parser(text, names, file).parse(), file)


class _Parser:
    """Recursive descent over the tokens; NOT is carried down to the comparisons."""

    def __init__(self, text: str, names: Sequence[str], file: str) -> None:
        self.text, self.names, self.file = text, names, file
        self.tokens, self.at, self.count = self._tokens(), 0, 0

    def parse(self) -> Leaf | Both:
        found = self._either(negated=False, depth=0)
        if self._next().kind != "end":
            raise self._error()
        return found

    def _tokens(self) -> list[Token]:
        found, place, text = [], 0, self.text.rstrip()
        while place < len(text):
            match = TOKEN.match(text, place)
            if match is None:
                raise self._error(place)
            kind, raw = str(match.lastgroup), match[str(match.lastgroup)]
            begins = match.start(kind)
            value: Any = raw
            if kind == "text":
                value = raw[1:-1].replace("''", "'")
            elif kind == "quoted":
                kind, value = "name", raw[1:-1].replace('""', '"')
            elif kind == "number":
                value = int(raw) if re.fullmatch(r"[+-]?[0-9]{1,18}", raw) else float(raw)
            elif kind == "sign":
                value = SAME.get(raw, raw)
            found.append(Token(kind, value, begins, raw))
            place = match.end()
        return [*found, Token("end", None, len(text))]

    def _next(self) -> Token:
        return self.tokens[self.at]

    def _took(self, *words: str) -> bool:
        """Go on behind some words, if they are what comes next."""
        coming = self.tokens[self.at : self.at + len(words)]
        fits = len(coming) == len(words) and all(
            token.kind in ("word", "sign") and str(token.value).upper() == word
            for token, word in zip(coming, words, strict=True)
        )
        self.at += len(words) if fits else 0
        return fits

    def _either(self, *, negated: bool, depth: int) -> Leaf | Both:
        parts = [self._each(negated=negated, depth=depth)]
        while self._took("OR"):
            parts.append(self._each(negated=negated, depth=depth))
        return parts[0] if len(parts) == 1 else Both("AND" if negated else "OR", tuple(parts))

    def _each(self, *, negated: bool, depth: int) -> Leaf | Both:
        parts = [self._one(negated=negated, depth=depth)]
        while self._took("AND"):
            parts.append(self._one(negated=negated, depth=depth))
        return parts[0] if len(parts) == 1 else Both("OR" if negated else "AND", tuple(parts))

    def _one(self, *, negated: bool, depth: int) -> Leaf | Both:
        while self._took("NOT"):
            negated = not negated
        if not self._took("("):
            return self._comparison(negated=negated)
        if depth >= DEEPEST:
            raise ParameterError(f"where= has more than {DEEPEST} brackets within brackets; write it more simply.")
        found = self._either(negated=negated, depth=depth + 1)
        if not self._took(")"):
            raise self._error()
        return found

    def _comparison(self, *, negated: bool) -> Leaf | Both:
        self.count += 1
        if self.count > MOST:
            raise ParameterError(f"where= has more than {MOST} comparisons; for a list of values use IN (...).")
        column = self._column()
        if self._took("IS"):
            negated ^= self._took("NOT")
            if not self._took("NULL"):
                raise self._error()
            return Leaf(column, "IS NOT NULL" if negated else "IS NULL")
        bare = not self._took("NOT")
        negated ^= not bare
        if self._took("IN", "("):
            values = [self._value()]
            while self._took(","):
                values.append(self._value())
            if not self._took(")"):
                raise self._error()
            return Leaf(column, "NOT IN" if negated else "IN", tuple(values))
        if self._took("LIKE"):
            return Leaf(column, "NOT LIKE" if negated else "LIKE", (self._value("text"),))
        if self._took("BETWEEN"):
            low = self._value()
            if not self._took("AND"):
                raise self._error()
            ends = [("<" if negated else ">=", low), (">" if negated else "<=", self._value())]
            return Both("OR" if negated else "AND", tuple(Leaf(column, sign, (value,)) for sign, value in ends))
        token = self._next()
        if not bare or token.kind != "sign" or token.value not in COMPARE:
            raise self._error()
        self.at += 1
        return Leaf(column, OPPOSITE[token.value] if negated else token.value, (self._value(),))

    def _column(self) -> str:
        token = self._next()
        if token.kind not in ("word", "name"):
            raise self._error()
        self.at += 1
        if token.value in self.names:
            return str(token.value)
        alike = [name for name in self.names if name.casefold() == token.value.casefold()]
        if len(alike) != 1:
            raise ParameterError(
                f"where={self.text!r} does not fit {self.file}: there is no column {token.value!r}. "
                f"{nearest(token.value, self.names)}"
            )
        return alike[0]

    def _value(self, *kinds: str) -> Token:
        token = self._next()
        if token.kind in (kinds or ("text", "number")):
            self.at += 1
            return token
        if token.kind == "word" and token.value.upper() in ("TRUE", "FALSE") and not kinds:
            self.at += 1
            return token._replace(value=token.value.upper() == "TRUE")
        raise self._error()

    def _error(self, place: int | None = None) -> ParameterError:
        begins = self._next().place if place is None else place
        rest = self.text[begins:].strip()
        where = f"from {rest[:40]!r} on" if rest else "at its end"
        return ParameterError(
            f"where={self.text[:200]!r} was not understood for {self.file}, {where}. {HELP} "
            f"The columns are {first_of(self.names, 20)}."
        )


def _leaves(tree: Leaf | Both) -> list[Leaf]:
    return [tree] if isinstance(tree, Leaf) else [leaf for part in tree.parts for leaf in _leaves(part)]


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))
