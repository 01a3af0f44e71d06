"""The figures of a report: drawn by `segregate.plot`, with words, tables and files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from .. import plot
from .._languages import Language
from .._profile import Profile
from ..inference.over_years import Trend
from ..inference.ranking import Ranking
from ..plot._multiples import PreparedMultiples
from ._reading import interval_text, percent, text_of, value_text
from ._svg import VECTOR_UNITS, csv_link, drawn, shapes_of, svg_link
from ._tables import Figure, Files, Grid, grid, plain

__all__ = ["Drawer"]

WIDTH = 7.0
"""Inches of all figures, so that their text has one size."""
MARKS = ["map_class", "map_color", "map_hatched"]
MOST_CORNERS = 400_000
"""Corners of all maps of a report beyond which further maps are pictures, so that the page stays small."""
MOST_ROWS = 60
"""Rows of a table that stands beside its figure; longer ones are in the file."""


class Drawer:
    """Makes the figures of one report, each with a number of its own.

    Parameters
    ----------
    language : Language
        Of the report.
    """

    def __init__(self, language: Language) -> None:
        self.language = language
        self.files = Files()
        self.count = 0
        self.corners = 0

    def say(self, key: str, /, **values: object) -> str:
        """Return a message of the report."""
        return self.language.text(f"report.{key}", **values)

    def made(
        self,
        stem: str,
        draw: Callable[[], Any],
        table: pd.DataFrame,
        *,
        title: str,
        alt: str,
        caption: str = "",
        tables: Sequence[Grid] = (),
        wide: bool = False,
    ) -> Figure:
        """Draw a figure, and return it with its words, tables and files.

        Parameters
        ----------
        stem : str
            Name of its files.
        draw : callable
            Returns the axes, of a figure that pyplot does not know.
        table : DataFrame
            What it shows; the CSV file.
        title, alt, caption : str
            Its texts.
        tables : sequence of Grid
            The same for readers.
        wide : bool
            Whether it needs the whole width when it is printed.
        """
        self.count += 1
        axes = draw()
        shapes, corners = shapes_of(axes)
        raster = shapes > VECTOR_UNITS or self.corners + corners > MOST_CORNERS
        self.corners += 0 if raster else corners
        drawing = drawn(axes, f"f{self.count}-", title, alt, raster=raster)
        return Figure(
            key=f"figure-{self.count}",
            title=title,
            caption=" ".join(filter(None, [caption, self.say("maps.raster") if raster else ""])),
            alt=alt,
            svg=Markup(drawing),
            wide=wide,
            svg_link=svg_link(drawing),
            csv_link=csv_link(table),
            file=self.files.name(stem),
            tables=tuple(tables),
        )

    # maps ------------------------------------------------------------------------------

    def map(
        self, stem: str, prepared: plot.PreparedMap, names: pd.Series[Any] | None, title: str, caption: str
    ) -> Figure:
        """Draw one map."""
        units = plain(prepared.units)
        column = prepared.column
        table = units.drop(columns=MARKS)
        if names is not None:
            table.insert(1, "name", names.to_numpy())
        said = self.language.text("count.unit", n=len(units))
        classes = self._classes(prepared.classes)
        alt = self.say("maps.alt", what=title, units=said, classes=classes)
        alt = " ".join([alt, *self._highest(units, column, names)])
        return self.made(
            stem,
            lambda: plot.draw_map(prepared, width=WIDTH, managed=False),
            table,
            title=title,
            alt=alt,
            caption=caption,
            tables=[self._legend(prepared.classes)],
            wide=True,
        )

    def maps(
        self,
        stem: str,
        prepared: PreparedMultiples,
        title: str,
        caption: str,
        *,
        one_scale: bool = True,
        names: Mapping[str, pd.Series[Any] | None] | None = None,
    ) -> Figure:
        """Draw small multiples."""
        parts = []
        for label, panel in prepared.panels.items():
            part = plain(panel.units).drop(columns=MARKS)
            part.insert(0, "map", label)
            called = (names or {}).get(label)
            if called is not None:
                part.insert(2, "name", called.to_numpy())
            parts.append(part)
        table = pd.concat(parts, ignore_index=True)
        alt = self.say(
            "maps.alt_several",
            n=self.language.people(len(prepared.panels)),
            what=title,
            maps=", ".join(prepared.panels),
            classes=self._classes(prepared.classes),
        )
        return self.made(
            stem,
            lambda: plot.draw_small_multiples(
                prepared, scale="same" if one_scale else "own", width=WIDTH, managed=False
            ),
            table,
            title=title,
            alt=alt,
            caption=caption,
            tables=[self._legend_of_all(prepared)],
            wide=True,
        )

    def _classes(self, classes: pd.DataFrame) -> str:
        listed = zip(classes["label"], classes["units"].tolist(), strict=True)
        return "; ".join(self.say("maps.alt_class", label=label, n=units) for label, units in listed)

    def _highest(self, units: pd.DataFrame, column: str, names: pd.Series[Any] | None) -> list[str]:
        values = units[column].to_numpy(dtype=float)
        if np.isnan(values).all():
            return []
        at = int(np.nanargmax(values))
        called = str(units.iloc[at, 0] if names is None else names.iloc[at])
        return [self.say("maps.alt_highest", value=value_text(self.language, float(values[at])), unit=called)]

    def _legend(self, classes: pd.DataFrame) -> Grid:
        head = [self.say("column.class"), self.say("column.units")]
        listed = zip(classes["label"], classes["units"].tolist(), strict=True)
        rows = [(label, self.language.people(units)) for label, units in listed]
        return grid(self.say("maps.classes"), head, rows, numbers=(1,))

    def _legend_of_all(self, prepared: PreparedMultiples) -> Grid:
        labels = list(dict.fromkeys(prepared.counts["label"]))
        wide = prepared.counts.pivot(index="map", columns="label", values="units").loc[list(prepared.panels), labels]
        rows = [
            (name, *(self.language.people(number) for number in row))
            for name, row in zip(wide.index, wide.to_numpy().tolist(), strict=True)
        ]
        return grid(
            self.say("maps.classes"), [self.say("column.map"), *labels], rows, numbers=range(1, len(labels) + 1)
        )

    # scale -----------------------------------------------------------------------------

    def profile(self, found: Profile | Mapping[str, Profile], index: str, caption: str) -> Figure:
        """Draw an index over scale, of one population or of several."""
        language = self.language
        table = plot.prepare_profile(found)
        several = not isinstance(found, Profile)
        scale = next(iter(found.values())).scale if isinstance(found, Mapping) else found.scale
        title = self.say("scales.title", index=language.title(index))
        lines = list(dict.fromkeys(table["line"]))
        points = []
        for line in lines:
            rows = table.loc[table["line"] == line].to_dict("records")
            said = "; ".join(
                self.say("scales.point", scale=self.scale(row["scale"], scale), value=text_of(language, _within(row)))
                for row in rows
            )
            points.append(f"{line}: {said}" if several else said)
        head = [
            self.say("column.line"),
            self.say("column.environment"),
            self.say("column.value"),
            self.say("column.interval", level="").strip(),
        ]
        rows = [
            (
                row["line"],
                self.scale(row["scale"], scale),
                value_text(language, row["value"]),
                interval_text(language, _within(row)),
            )
            for row in table.to_dict("records")
        ]
        return self.made(
            f"profile-{index}",
            lambda: plot.draw_profile(found, title=title, caption=caption, width=WIDTH, managed=False),
            table,
            title=title,
            alt=self.say("scales.alt", what=title, points=". ".join(points)),
            tables=[grid(title, head, rows[:MOST_ROWS], numbers=(2, 3))],
        )

    def scale(self, size: float, scale: str) -> str:
        """Name a scale: "own unit", "500 m", "nearest 4,000 people"."""
        if size == 0:
            return self.say("scales.home")
        if scale == "radius":
            return self.say("scales.metres", radius=self.language.people(size))
        return self.say("scales.nearest", people=self.language.people(size))

    # matrices --------------------------------------------------------------------------

    def exposure(self, pop: Any, caption: str, stem: str, title: str) -> Figure:
        """Draw whom people of each group meet."""
        language = self.language
        table = plot.prepare_exposure_matrix(pop)
        groups = list(dict.fromkeys(table["group"]))
        values = table.pivot(index="group", columns="versus", values="value").loc[groups, groups].to_numpy(dtype=float)
        even = table.drop_duplicates("versus").set_index("versus")["even"].loc[groups].to_numpy(dtype=float)
        said = []
        for place, group in enumerate(groups):
            row = values[place]
            if np.isnan(row).all():
                continue
            most = int(np.nanargmax(row))
            said.append(
                self.say(
                    "exposure.alt_row",
                    group=group,
                    own=percent(language, row[place]),
                    even=percent(language, even[place]),
                    most=groups[most],
                    value=percent(language, row[most]),
                )
            )
        shown = [(group, *(percent(language, value) for value in values[place])) for place, group in enumerate(groups)]
        shown.append((self.say("exposure.even"), *(percent(language, value) for value in even)))
        head = [self.say("column.group"), *groups]
        return self.made(
            stem,
            lambda: plot.draw_exposure_matrix(table, title=title, caption=caption, width=WIDTH, managed=False),
            table,
            title=title,
            alt=self.say("exposure.alt", rows=". ".join(said)),
            tables=[grid(title, head, shown, numbers=range(1, len(head)))],
        )

    def pairs(self, pop: Any, caption: str, stem: str, title: str) -> Figure:
        """Draw dissimilarity between every two groups."""
        language = self.language
        table = plot.prepare_pair_matrix(pop, "dissimilarity")
        known = table.loc[table["value"].notna()]
        records = known.to_dict("records")
        high, low = max(records, key=lambda row: row["value"]), min(records, key=lambda row: row["value"])

        def pair(row: Mapping[Any, Any]) -> str:
            return language.text("about.pair", group=row["group"], versus=row["versus"])

        alt = self.say(
            "exposure.alt_pairs",
            index=language.title("dissimilarity"),
            high_pair=pair(high),
            high=value_text(language, high["value"]),
            low_pair=pair(low),
            low=value_text(language, low["value"]),
        )
        head = [self.say("column.group"), self.say("column.versus"), self.say("column.value")]
        rows = [(row["group"], row["versus"], value_text(language, row["value"])) for row in table.to_dict("records")]
        return self.made(
            stem,
            lambda: plot.draw_pair_matrix(table, title=title, caption=caption, width=WIDTH, managed=False),
            table,
            title=title,
            alt=alt,
            tables=[grid(title, head, rows, numbers=(2,))],
        )

    # years and cities ------------------------------------------------------------------

    def trend(self, found: Trend, title: str, caption: str | None = None) -> Figure:
        """Draw an index over years."""
        language = self.language
        table = found.table
        rows = table.to_dict("records")
        level = language.percent(found.level, 0)
        head = ["year", "value", "interval", "change", "interval", "told_apart"]
        shown = [
            (
                f"{row['year']:g}",
                value_text(language, row["value"]),
                interval_text(language, row),
                value_text(language, row["change"]) if place else "",
                interval_text(language, {"value": row["change"], "low": row["change_low"], "high": row["change_high"]})
                if place
                else "",
                (self.say("yes") if row["told_apart"] else self.say("no")) if place else "",
            )
            for place, row in enumerate(rows)
        ]
        points = "; ".join(f"{row['year']:g}: {text_of(language, row)}" for row in rows)
        words = [self.say(f"column.{name}", level=level) for name in head]
        return self.made(
            f"trend-{found.about['index']}",
            lambda: plot.draw_trend(found, title=title, caption=caption, width=WIDTH, managed=False),
            plot.prepare_trend(found),
            title=title,
            alt=self.say("scales.alt", what=title, points=points),
            tables=[grid(title, words, shown, numbers=(1, 2, 3, 4))],
        )

    def ranking(self, found: Ranking, title: str, caption: str | None = None) -> Figure:
        """Draw cities by rank."""
        language = self.language
        table = plot.prepare_ranking(found)
        rows = table.to_dict("records")
        names = ["city", "value", "interval", "ranks", "letters"]
        head = [self.say(f"column.{name}", level=language.percent(found.level, 0)) for name in names]
        shown = [
            (
                row["label"],
                value_text(language, row["value"]),
                interval_text(language, row),
                row["text"],
                row["letters"],
            )
            for row in rows
        ]
        points = "; ".join(f"{row['label']}: {text_of(language, row)}" for row in rows)
        return self.made(
            f"ranking-{found.about['index']}",
            lambda: plot.draw_ranking(found, title=title, caption=caption, width=WIDTH, managed=False),
            table,
            title=title,
            alt=self.say("scales.alt", what=title, points=points),
            tables=[grid(title, head, shown, numbers=(1, 2))],
        )


def _within(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a row that has an interval, if only an unknown one."""
    return {"low": np.nan, "high": np.nan, **row}
