"""Map of a local index.

How many times as large as in the whole area the Hispanic share is in each tract.
"""

import sys

import segregate as sg

where = sg.local(sg.sample("sacramento"), "location_quotient", group="hisp")
ax = sg.plot.map(where, title="Where Hispanic people live", width=5, managed=False)
ax.figure.savefig(f"{sys.argv[1]}/map.png", dpi=100)
