"""Composition of every unit.

Each unit as a bar of its groups, as wide as it has people, sorted by what differs from the whole.
"""

import sys

import segregate as sg

ax = sg.plot.segplot(sg.sample("sacramento"), order="segregation", managed=False)
ax.figure.savefig(f"{sys.argv[1]}/segplot.png", dpi=100)
