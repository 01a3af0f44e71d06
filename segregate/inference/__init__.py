"""How sure we are: tests against chance, intervals, clusters that chance would not make."""

from .comparison import Comparison, compare
from .corrections import Corrected, corrected
from .expectation import Expected, expected
from .hot_spots import hotspots
from .nulls import TestResult, monte_carlo_test
from .over_years import Trend, trend
from .propagation import Propagated, propagate
from .ranking import Ranking, rank
from .resampling import Interval, bootstrap
from .small import SmallUnits, small_units
from .table_bounds import Bounds, bounds

__all__ = [
    "Bounds",
    "Comparison",
    "Corrected",
    "Expected",
    "Interval",
    "Propagated",
    "Ranking",
    "SmallUnits",
    "TestResult",
    "Trend",
    "bootstrap",
    "bounds",
    "compare",
    "corrected",
    "expected",
    "hotspots",
    "monte_carlo_test",
    "propagate",
    "rank",
    "small_units",
    "trend",
]
