"""Whom people of each group meet.

The exposure of each group to each; every row sums to 1.
"""

import sys

import segregate as sg

names = {"white": "White", "black": "Black", "asian": "Asian", "hisp": "Hispanic"}
ax = sg.plot.exposure_matrix(sg.sample("sacramento"), labels=names, managed=False)
ax.figure.savefig(f"{sys.argv[1]}/exposure_matrix.png", dpi=100)
