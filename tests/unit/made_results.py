"""Results of inference with given numbers, so that plots of any of them can be looked at."""

import numpy as np
import pandas as pd

from segregate.inference.comparison import Comparison
from segregate.inference.nulls import TestResult
from segregate.inference.over_years import Slope, Trend
from segregate.inference.ranking import Ranking
from segregate.inference.resampling import Interval


def about(group="black", versus="rest", index="dissimilarity", environment="home"):
    return {
        "index": index,
        "symbol": "D",
        "group": group,
        "versus": versus,
        "environment": environment,
        "params": "{}",
    }


def null_of(statistic, null, alternative="greater", title="dissimilarity of black against rest", notes=(), **of):
    """Return a test; p as in Phipson and Smyth, counted in a loop."""
    null = np.asarray(null, dtype=float)
    defined = [value for value in null.tolist() if value == value]
    more = sum(value >= statistic for value in defined)
    less = sum(value <= statistic for value in defined)
    several = len(defined) + 1
    p = {"greater": more + 1, "less": less + 1, "two-sided": min(several, 2 * (min(more, less) + 1))}[alternative]
    mean = sum(defined) / len(defined) if defined else float("nan")
    spread = float(np.std(defined, ddof=1)) if len(defined) > 1 else 0.0
    return TestResult(
        statistic=statistic,
        null=null,
        p_value=p / several,
        expected=mean,
        z=(statistic - mean) / spread if spread > 1e-12 else float("nan"),
        alternative=alternative,
        model="people",
        undefined=len(null) - len(defined),
        about=about(**of),
        title=title,
        notes=notes,
    )


def interval(value, low, high, replicates=None, level=0.95, notes=(), **of):
    replicates = np.linspace(low, high, 99) if replicates is None else np.asarray(replicates, dtype=float)
    return Interval(
        value=value,
        low=low,
        high=high,
        se=0.01,
        bias=0.001,
        replicates=replicates,
        level=level,
        kind="basic",
        resample="people",
        about=about(**of),
        title="dissimilarity of black against rest",
        notes=notes,
    )


def comparison(a, b, null, low=np.nan, high=np.nan, alternative="two-sided", title="dissimilarity", notes=()):
    found = null_of(a - b, null, alternative)
    model = "label" if np.isnan(low) else "bootstrap"
    return Comparison(
        a=a,
        b=b,
        difference=a - b,
        p_value=found.p_value,
        low=low,
        high=high,
        null=found.null,
        level=float("nan") if model == "label" else 0.95,
        alternative=alternative,
        model=model,
        paired=False,
        undefined=found.undefined,
        about=about(),
        title=title,
        notes=notes,
    )


def ranking(names, values, half, letters=None, messages=None, title="dissimilarity of black against rest", notes=()):
    """Return a ranking of values that fall; NaN last. Cities whose intervals overlap are not told apart."""
    values, half = np.asarray(values, dtype=float), np.broadcast_to(np.asarray(half, dtype=float), len(values))
    known = np.isfinite(values)
    low, high = values - half, values + half
    above = np.array([[k != j and low[k] > high[j] for j in range(len(values))] for k in range(len(values))])
    rows = pd.DataFrame(
        {
            "name": pd.Series(list(names), dtype=object),
            "value": values,
            "low": low,
            "high": high,
            "se": half / 2,
            "bias": 0.0,
            "rank": np.where(known, np.arange(1, len(values) + 1), np.nan),
            "rank_low": np.where(known, 1 + above.sum(axis=0), np.nan),
            "rank_high": np.where(known, known.sum() - above.sum(axis=1), np.nan),
            "letters": [""] * len(values) if letters is None else letters,
            "status": np.where(known, "ok", "undefined"),
            "message": [""] * len(values) if messages is None else messages,
        }
    )
    there = above[known][:, known]
    return Ranking(rows, there | there.T, 2.5, 0.95, "people", 999, about(), title, notes)


def sliding(many, width):
    """Return letters of cities of which each group holds `width` neighbours."""
    names = [f"{chr(97 + k % 26)}{k // 26 or ''}" for k in range(many)]
    return ["".join(names[max(0, row - width + 1) : min(row + 1, many - width + 1)]) for row in range(many)]


def trend(years, values, half, told=None, notes=(), title="dissimilarity of black against rest"):
    values = np.asarray(values, dtype=float)
    half = np.broadcast_to(np.asarray(half, dtype=float), len(values))
    change = np.diff(values, prepend=np.nan)
    rows = pd.DataFrame(
        {
            "year": years,
            "value": values,
            "low": values - half,
            "high": values + half,
            "se": half / 2,
            "bias": 0.0,
            "change": change,
            "change_low": change - half,
            "change_high": change + half,
            "detectable": np.where(np.isnan(change), np.nan, 2 * half),
            "told_apart": np.abs(change) > half if told is None else told,
            "status": np.where(np.isnan(values), "undefined", "ok"),
            "message": np.where(np.isnan(values), "nobody is of 'black'", ""),
        }
    )
    slope = Slope(-0.01, -0.02, -0.005)
    return Trend(rows, slope, np.full(len(values), 0.5), 0.95, "people", 999, about(), title, notes)
