"""Measured, and by chance.

What the index would be if people were placed at random, beside what it is.
"""

import sys

import segregate as sg

found = sg.monte_carlo_test(sg.sample("schools"), "dissimilarity", replicates=499, rng=1)
ax = sg.plot.null_distribution(found, managed=False)
ax.figure.savefig(f"{sys.argv[1]}/null_distribution.png", dpi=100)
