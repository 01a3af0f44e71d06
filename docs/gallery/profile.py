"""Segregation by scale.

How indices fall as the surroundings of people grow from their own tract to several kilometres.
"""

import sys

import segregate as sg

city = sg.sample("sacramento")
radii = [0, 500, 1000, 2000, 4000, 8000]
ax = sg.plot.profile(sg.profile(city, ["dissimilarity", "information_theory"], radii), managed=False)
ax.figure.savefig(f"{sys.argv[1]}/profile.png", dpi=100)
