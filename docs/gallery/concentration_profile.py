"""Concentration profile.

Which part of a group lives where its share reaches a threshold, for all thresholds.
"""

import sys

import segregate as sg

ax = sg.plot.concentration_profile(sg.sample("sacramento"), group="hisp", managed=False)
ax.figure.savefig(f"{sys.argv[1]}/concentration_profile.png", dpi=100)
