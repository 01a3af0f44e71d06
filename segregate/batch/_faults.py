"""Faults of a plan, all of them at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from ..errors import ParameterError, SegregateError, nearest, plural

__all__ = ["Faults", "Table"]

T = TypeVar("T")
MISSING: Any = object()


class Faults:
    """What is wrong with a plan, collected until `refuse`."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, where: str, what: str) -> None:
        """Remember a fault."""
        self.found.append(f"{where}: {what}")

    def attempt(self, where: str, work: Callable[[], T], default: T) -> T:
        """Return what `work` gives, or `default` and a fault."""
        try:
            return work()
        except SegregateError as error:
            self.add(where, str(error))
            return default

    def refuse(self, name: str) -> None:
        """Raise one error that lists all faults, if there are any."""
        if self.found:
            listed = "".join(f"\n  {number}. {fault}" for number, fault in enumerate(self.found, start=1))
            raise ParameterError(f"{name} has {plural(len(self.found), 'fault')}:{listed}")


class Table:
    """A table of a plan whose keys are taken one by one; what is left over is a fault.

    Parameters
    ----------
    faults : Faults
        Where faults go.
    where : str
        How the table is called in messages, ``[measure]``.
    given : object
        What stands in the plan.
    """

    def __init__(self, faults: Faults, where: str, given: Any) -> None:
        self.faults, self.where = faults, where
        if not isinstance(given, Mapping):
            faults.add(where, f"is a table of keys and values, not {type(given).__name__}")
            given = {}
        self.given = dict(given)
        self.known: list[str] = []

    def take(self, key: str, default: Any = MISSING) -> Any:
        """Return a value; a key without a default must be there."""
        self.known.append(key)
        if key in self.given:
            return self.given.pop(key)
        if default is MISSING:
            self.faults.add(self.where, f"{key} is missing")
            return None
        return default

    def typed(self, key: str, kind: type | tuple[type, ...], what: str, default: Any = MISSING) -> Any:
        """Return a value of a type; True and False are no numbers."""
        value = self.take(key, default)
        wrong = not isinstance(value, kind) or (isinstance(value, bool) and bool not in _kinds(kind))
        if value is not None and value is not default and wrong:
            self.fault(key, f"is {what}, not {value!r}")
            return None if default is MISSING else default
        return value

    def text(self, key: str, what: str) -> Any:
        """Return a text that must be there, and not be empty."""
        value = self.typed(key, str, what)
        if isinstance(value, str) and not value.strip():
            self.fault(key, f"is {what}, not an empty text")
            return None
        return value

    def whole(self, key: str, least: int, default: Any = MISSING) -> Any:
        """Return a whole number, `least` or more."""
        value = self.typed(key, int, f"a whole number, {least} or more", default)
        if isinstance(value, int) and value < least:
            self.fault(key, f"is a whole number, {least} or more, not {value}")
            return None if default is MISSING else default
        return value

    def choice(self, key: str, known: Sequence[str], default: str) -> str:
        """Return one of several words."""
        value = self.take(key, default)
        if value not in known:
            self.fault(key, f"is {' or '.join(map(repr, known))}, not {value!r}")
            return default
        return str(value)

    def texts(self, key: str, default: Any = MISSING) -> list[str] | None:
        """Return a list of texts; one text is a list of one."""
        value = self.take(key, default)
        if value is None or value is default:
            return None if value is MISSING else value
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not listed or not all(isinstance(one, str) for one in listed):
            self.fault(key, f"is a text or a list of texts, not {value!r}")
            return None
        return listed

    def fault(self, key: str, what: str) -> None:
        """Remember a fault of a key."""
        self.faults.add(self.where, f"{key} {what}")

    def rest(self) -> None:
        """Name the keys that nobody asked for."""
        for key in self.given:
            self.fault(repr(key), f"is no key here. {nearest(str(key), self.known)}")


def _kinds(kind: type | tuple[type, ...]) -> Iterable[type]:
    return kind if isinstance(kind, tuple) else (kind,)
