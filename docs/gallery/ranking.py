"""Ranking with intervals and ties.

Cities, or here districts, by rank, with how sure each rank is.
"""

import sys

import segregate as sg

found = sg.rank(sg.sample("schools").split("district"), "information_theory", replicates=499, rng=1)
ax = sg.plot.ranking(found, managed=False)
ax.figure.savefig(f"{sys.argv[1]}/ranking.png", dpi=100)
