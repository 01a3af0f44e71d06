"""Values with intervals.

One row per region, each with its bootstrap interval.
"""

import sys

import segregate as sg

table = sg.measure(sg.sample("schools"), ["D", "H"], by="district", interval=0.95)
ax = sg.plot.forest(table, managed=False)
ax.figure.savefig(f"{sys.argv[1]}/forest.png", dpi=100)
