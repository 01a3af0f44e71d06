"""An index between every two groups.

Who lives apart from whom.
"""

import sys

import segregate as sg

names = {"white": "White", "black": "Black", "asian": "Asian", "hisp": "Hispanic"}
ax = sg.plot.pair_matrix(sg.sample("sacramento"), "dissimilarity", labels=names, managed=False)
ax.figure.savefig(f"{sys.argv[1]}/pair_matrix.png", dpi=100)
