"""An index over the years.

Values with intervals; the sample has one year, so that its districts stand in for four.
"""

import sys

import segregate as sg

years = dict(zip((1990, 2000, 2010, 2020), sg.sample("schools").split("district").values(), strict=True))
ax = sg.plot.trend(sg.trend(years, "information_theory", replicates=499, rng=1), managed=False)
ax.figure.savefig(f"{sys.argv[1]}/trend.png", dpi=100)
