"""Maps and plots fit for print, of populations, of local indices and of other results."""

from __future__ import annotations

from ._multiples import PreparedMultiples, prepare_small_multiples
from ._prepared import PreparedMap, prepare_map
from ._school_home import prepare_school_home
from ._style import style
from .barrier_map import draw_barriers
from .bivariate_map import PreparedBivariate, bivariate, draw_bivariate, prepare_bivariate
from .bounds_bars import draw_bounds, prepare_bounds
from .chance_plot import draw_null, null_distribution, prepare_null
from .choropleth import draw_map, map  # noqa: A004
from .comparison_plot import draw_comparison, prepare_comparison
from .concentration import (
    PreparedProfile,
    concentration_profile,
    draw_concentration_profile,
    prepare_concentration_profile,
)
from .curves import PreparedCurves, draw_segregation_curve, prepare_segregation_curve, segregation_curve
from .decompositions import draw_between_within, draw_change, prepare_between_within, prepare_change
from .edge_map import draw_edges
from .facets import draw_small_multiples, small_multiples
from .forest_plot import draw_forest, forest, prepare_forest
from .interval_plot import draw_interval, prepare_interval
from .matrices import (
    draw_exposure_matrix,
    draw_pair_matrix,
    exposure_matrix,
    pair_matrix,
    prepare_exposure_matrix,
    prepare_pair_matrix,
)
from .plan_plots import draw_before_after, draw_what_if, prepare_before_after, prepare_what_if
from .propagated import draw_propagated, prepare_propagated
from .rank_profile import PreparedRankOrder, draw_rank_order_profile, prepare_rank_order_profile, rank_order_profile
from .ranking_plot import draw_ranking, prepare_ranking, ranking
from .rezone_plots import draw_frontier, draw_plan, prepare_frontier, prepare_plan
from .scale_profile import draw_profile, draw_sensitivity, prepare_profile, prepare_sensitivity, profile
from .school_home_plot import draw_school_home, school_home
from .school_plots import (
    draw_contribution,
    draw_exposure_gap,
    draw_gap,
    prepare_contribution,
    prepare_exposure_gap,
    prepare_gap,
)
from .scorecard_plot import draw_scorecard, prepare_scorecard
from .scree import draw_scree, prepare_scree
from .segplots import PreparedSegplot, draw_segplot, prepare_segplot, segplot
from .service_plots import (
    draw_access,
    draw_access_curves,
    draw_meeting,
    prepare_access,
    prepare_access_curves,
    prepare_meeting,
)
from .small_units_bars import draw_small_units, prepare_small_units
from .structure_bars import draw_structure, prepare_structure
from .trend_plot import draw_trend, prepare_trend, trend

__all__ = [
    "draw_before_after",
    "draw_what_if",
    "prepare_before_after",
    "prepare_what_if",
    "draw_contribution",
    "draw_exposure_gap",
    "draw_gap",
    "prepare_contribution",
    "prepare_exposure_gap",
    "prepare_gap",
    "draw_scorecard",
    "prepare_scorecard",
    "draw_access",
    "draw_access_curves",
    "draw_meeting",
    "prepare_access",
    "prepare_access_curves",
    "prepare_meeting",
    "PreparedBivariate",
    "PreparedCurves",
    "PreparedMap",
    "PreparedMultiples",
    "PreparedProfile",
    "PreparedRankOrder",
    "PreparedSegplot",
    "bivariate",
    "concentration_profile",
    "draw_barriers",
    "draw_between_within",
    "draw_bivariate",
    "draw_bounds",
    "draw_change",
    "draw_comparison",
    "draw_concentration_profile",
    "draw_edges",
    "draw_exposure_matrix",
    "draw_forest",
    "draw_frontier",
    "draw_interval",
    "draw_map",
    "draw_null",
    "draw_pair_matrix",
    "draw_plan",
    "draw_profile",
    "draw_propagated",
    "draw_rank_order_profile",
    "draw_ranking",
    "draw_school_home",
    "draw_scree",
    "draw_segplot",
    "draw_segregation_curve",
    "draw_sensitivity",
    "draw_small_multiples",
    "draw_small_units",
    "draw_structure",
    "draw_trend",
    "exposure_matrix",
    "forest",
    "map",
    "null_distribution",
    "pair_matrix",
    "prepare_between_within",
    "prepare_bivariate",
    "prepare_bounds",
    "prepare_change",
    "prepare_comparison",
    "prepare_concentration_profile",
    "prepare_exposure_matrix",
    "prepare_forest",
    "prepare_frontier",
    "prepare_interval",
    "prepare_map",
    "prepare_null",
    "prepare_pair_matrix",
    "prepare_plan",
    "prepare_profile",
    "prepare_propagated",
    "prepare_rank_order_profile",
    "prepare_ranking",
    "prepare_school_home",
    "prepare_scree",
    "prepare_segplot",
    "prepare_segregation_curve",
    "prepare_sensitivity",
    "prepare_small_multiples",
    "prepare_small_units",
    "prepare_structure",
    "prepare_trend",
    "profile",
    "rank_order_profile",
    "ranking",
    "school_home",
    "segplot",
    "segregation_curve",
    "small_multiples",
    "style",
    "trend",
]
