"""Maps side by side.

The share of each group, in classes that all maps share, so that one legend serves them.
"""

import sys

import segregate as sg

city = sg.sample("sacramento")
names = {"white": "White", "black": "Black", "asian": "Asian", "hisp": "Hispanic"}
maps = {label: sg.local(city, "share", group=group) for group, label in names.items()}
ax = sg.plot.small_multiples(maps, title="Share of each group", width=4.5, managed=False)
ax.figure.savefig(f"{sys.argv[1]}/small_multiples.png", dpi=100)
