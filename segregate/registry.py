"""What is known of each index: the one place that the API, tables, CLI, docs and tests read."""

from __future__ import annotations

import functools
import inspect
import json
import numbers
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, cast

from .errors import ParameterError, UnknownNameError, nearest

__all__ = ["BoundIndex", "IndexLike", "IndexSpec", "bind", "index", "resolve", "specs"]

Function = TypeVar("Function", bound=Callable[..., Any])
Level = Literal["global", "local", "both"]
NOT_PARAMETERS = ("group", "other", "reference")
AXIOMS = {
    "unit_order",
    "group_order",
    "scale",
    "copy",
    "unit_split",
    "empty_unit",
    "empty_group",
    "transfers",
    "exchanges",
}
AXIOMS_WITHIN = {"unit_order", "group_order", "scale", "even"}

specs: dict[str, IndexSpec] = {}
"""All indices by name; filled when `segregate.indices` is imported."""


@dataclass(frozen=True)
class IndexSpec:
    """What is known of an index; see `index` for the fields."""

    name: str
    function: Callable[..., Any]
    symbol: str
    family: str
    level: Level
    bounds: tuple[float, float]
    groups: tuple[int, int | None]
    focal: Literal["group", "pair"] | None
    environment: bool
    additive: bool
    needs: frozenset[str]
    holds: frozenset[str]
    holds_within: frozenset[str]
    at: Mapping[str, float]
    center: float | None
    cite: tuple[str, ...]
    means: str
    beware: str
    reflexive: bool = False
    defaults: Mapping[str, Any] = field(default_factory=dict)
    required: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The name for people: "Location quotient"."""
        return self.name.replace("_", " ").capitalize()

    @property
    def summary(self) -> str:
        """First line of the docstring."""
        return (inspect.getdoc(self.function) or "").split("\n", 1)[0]

    @property
    def by_group(self) -> bool:
        """Whether `measure` gives a row per group."""
        return self.focal is not None or self.groups == (2, 2)


@dataclass(frozen=True)
class BoundIndex:
    """An index with its parameters chosen.

    Attributes
    ----------
    spec : IndexSpec
        The index.
    chosen : mapping
        Parameters that differ from their defaults.
    """

    spec: IndexSpec
    chosen: Mapping[str, Any]

    def __call__(self, population: Any, **focal: Any) -> Any:
        """Evaluate the index on a population or on regions."""
        return self.spec.function(population, **focal, **self.chosen)

    @property
    def params(self) -> str:
        """The parameters as canonical JSON, ``{}`` when all have their defaults."""
        return json.dumps({name: _place(value) for name, value in self.chosen.items()}, sort_keys=True, default=_plain)

    def __repr__(self) -> str:
        listed = "".join(f", {name}={value!r}" for name, value in sorted(self.chosen.items()))
        return f"bind({self.spec.name!r}{listed})"


def _place(value: Any) -> Any:
    """Return a place (x, y) as two numbers with a point, which cannot be mistaken for two ids when it is read again."""
    if isinstance(value, tuple) and len(value) == 2 and all(isinstance(number, numbers.Real) for number in value):
        return [float(number) for number in value]
    return [_place(item) for item in value] if isinstance(value, (list, tuple)) else value


def _plain(value: Any) -> Any:
    """Return a parameter that JSON does not know (a place, a number of numpy) in words that it knows."""
    listed = getattr(value, "tolist", None)
    return [str(item) for item in value] if hasattr(value, "crs") else listed() if listed else str(value)


IndexLike = str | Callable[..., Any] | BoundIndex | Mapping[str, Any]
"""How an index is asked for: name, symbol, function, bound index or {"index": name, ...}."""


def index(
    *,
    symbol: str,
    family: str,
    bounds: tuple[float, float],
    cite: tuple[str, ...],
    means: str,
    beware: str,
    level: Level = "global",
    groups: tuple[int, int | None] = (2, None),
    focal: Literal["group", "pair"] | None = None,
    environment: bool = True,
    additive: bool = False,
    needs: frozenset[str] | set[str] = frozenset(),
    holds: frozenset[str] | set[str] = frozenset(),
    holds_within: frozenset[str] | set[str] = frozenset(),
    at: Mapping[str, float] | None = None,
    center: float | None = None,
    reflexive: bool = False,
) -> Callable[[Function], Function]:
    """Enter a function in the catalogue, and refuse what it cannot be asked.

    The function that is returned raises a ParameterError for anything that is not a
    population, for more groups than the index takes, for an environment where it has no
    meaning there, and where a parameter without a default is missing.

    Parameters
    ----------
    symbol : str
        The literature's letter, unique.
    family : str
        "evenness", "exposure", "diversity", "local", ...
    bounds : (low, high)
        Smallest and largest value at home.
    cite : tuple of str
        DOIs, or references without one.
    means, beware : str
        A sentence each for `segregate.explain`: what the value says, and what it does not.
        ``{value}``, ``{percent}``, ``{points}`` (hundredths), ``{unit}`` (of information),
        ``{group}`` and ``{other}`` are filled in.
    level : {"global", "local", "both"}
        One number a population, a number a unit, or both.
    groups : (least, most)
        How many groups it takes; ``(2, 2)`` for an index of two groups.
    focal : {"group", "pair"}, optional
        It is about one group, or about an ordered pair.
    environment : bool
        Whether it has a meaning within an environment.
    additive : bool
        Whether it is a sum over units, so that `segregate.contributions` applies.
    needs : set of {"points", "area", "geometry"}
        What the population must have; for clustering at home only.
    holds, holds_within : set of str
        Axioms kept at home and in an environment, tested; `AXIOMS`, `AXIOMS_WITHIN`.
    at : mapping
        Values when every unit has the city's shares ("even") and when every unit has one
        group only ("complete").
    center : float, optional
        Value with a meaning in the middle of the range, where a map changes colour.
    reflexive : bool
        A pair may be a group and itself (exposure).
    """
    unknown = (set(holds) - AXIOMS) | (set(holds_within) - AXIOMS_WITHIN)
    if unknown:
        raise ParameterError(f"Axioms {sorted(unknown)} are not known; there are {sorted(AXIOMS | AXIOMS_WITHIN)}.")

    def enter(bare: Function) -> Function:
        name = bare.__name__
        own = [p for p in list(inspect.signature(bare).parameters.values())[1:] if p.name not in NOT_PARAMETERS]
        required = tuple(p.name for p in own if p.default is p.empty)

        @functools.wraps(bare)
        def function(population: Any, **arguments: Any) -> Any:
            if not hasattr(population, "evaluate") or isinstance(population, type):
                raise ParameterError(
                    f"{name} takes a Population, not {type(population).__name__}: "
                    "Population.from_frame(frame, groups=[...]) or segregate.read makes one."
                )
            _check_asked(name, population, arguments, required, at_most=groups[1], environment=environment)
            return bare(population, **arguments)

        taken = next((spec.name for spec in specs.values() if spec.symbol == symbol and spec.name != name), None)
        if taken:
            raise ParameterError(f"The symbol {symbol!r} of {name} is that of {taken}.")
        defaults = {p.name: p.default for p in own if p.name not in required}
        specs[name] = IndexSpec(
            name=name,
            function=function,
            symbol=symbol,
            family=family,
            level=level,
            bounds=bounds,
            groups=groups,
            focal=focal,
            environment=environment,
            additive=additive,
            needs=frozenset(needs),
            holds=frozenset(holds),
            holds_within=frozenset(holds_within),
            at=dict(at or {}),
            center=center,
            cite=cite,
            means=means,
            beware=beware,
            reflexive=reflexive,
            defaults=defaults,
            required=required,
        )
        return cast("Function", function)

    return enter


def _check_asked(
    name: str,
    population: Any,
    arguments: Mapping[str, Any],
    required: tuple[str, ...],
    *,
    at_most: int | None,
    environment: bool,
) -> None:
    """Refuse what an index cannot be asked."""
    missing = [word for word in required if word not in arguments]
    if missing:
        raise ParameterError(
            f"{name} needs {' and '.join(f'{word}=' for word in missing)}; where an index is asked for by name: "
            f"sg.bind({name!r}, {', '.join(f'{word}=...' for word in required)})."
        )
    if at_most is not None and len(population.groups) > at_most:
        raise ParameterError(
            f"{name} compares two groups, and the population has {len(population.groups)} "
            f"({', '.join(map(repr, population.groups[:4]))}{', ...' if len(population.groups) > 4 else ''}). "
            "A group against everybody else: population.versus('a'); two of them: population.select('a', 'b')."
        )
    if not environment and not population.at_home:
        raise ParameterError(
            f"{name} has a meaning only at home, where people meet those of their own unit. "
            "Take the population without its environment: population.home()."
        )


def bind(index: IndexLike, **params: Any) -> BoundIndex:
    """Choose the parameters of an index, wherever an index is asked for.

    Parameters
    ----------
    index : str, function or bound index
        Name ("mutual_information"), symbol ("M") or function of an index.
    **params
        Its parameters, checked against the index.

    Returns
    -------
    BoundIndex

    Raises
    ------
    UnknownNameError
        For an index that does not exist; the nearest names are given.
    ParameterError
        For a parameter that the index does not take, or of the wrong kind.

    Examples
    --------
    >>> import segregate as sg
    >>> sg.bind("M", base=2)
    bind('mutual_information', base=2.0)
    """
    found = resolve(index)
    chosen = dict(found.chosen)
    defaults = found.spec.defaults
    for name, value in params.items():
        if name in NOT_PARAMETERS:
            raise ParameterError(
                f"{name}= is not bound to an index: it is an argument of measure, local and the index itself."
            )
        if name in found.spec.required:
            chosen[name] = value
            continue
        if name not in defaults:
            known = [*found.spec.required, *defaults]
            raise ParameterError(f"{found.spec.name} has no parameter {name!r}. {nearest(name, known)}")
        default = defaults[name]
        wanted = numbers.Real if isinstance(default, (int, float)) else type(default)
        if isinstance(default, bool) != isinstance(value, bool) or not isinstance(value, wanted):
            kind = {bool: "true or false", float: "a number", int: "a number", str: "text"}[type(default)]
            raise ParameterError(f"{found.spec.name}: {name}={value!r} is not {kind}.")
        chosen[name] = float(value) if isinstance(default, float) else value
    kept = {name: value for name, value in chosen.items() if name not in defaults or value != defaults[name]}
    return BoundIndex(found.spec, kept)


def resolve(index: IndexLike) -> BoundIndex:
    """Return the index that a name, symbol, function, bound index or mapping stands for."""
    if isinstance(index, BoundIndex):
        return index
    if isinstance(index, Mapping):
        params = dict(index)
        if "index" not in params:
            raise ParameterError(f"{params!r} does not say which index: {{'index': 'isolation', ...}}.")
        return bind(params.pop("index"), **params)
    if callable(index):
        index = getattr(index, "__name__", repr(index))
    if not isinstance(index, str):
        raise ParameterError(f"An index is a name, a symbol, its function or sg.bind(...), not {index!r}.")
    if index in specs:
        return BoundIndex(specs[index], {})
    by_symbol = {spec.symbol: spec for spec in specs.values()}
    if index in by_symbol:
        return BoundIndex(by_symbol[index], {})
    raise UnknownNameError(f"There is no index {index!r}. {nearest(index, [*specs, *by_symbol])}")
