"""Schools against homes.

The share of a group in each school against that in its district; the schools farthest from the line are named.
"""

import sys

import segregate as sg

schools = sg.sample("schools")
names = schools.attributes["school"]
ax = sg.plot.school_home(schools, schools, group="hispanic", key="district", labels=names, managed=False)
ax.figure.savefig(f"{sys.argv[1]}/school_home.png", dpi=100)
