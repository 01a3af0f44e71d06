"""Map of two columns.

Where incomes are high, where the Hispanic share is, and where both or neither are.
"""

import sys

import segregate as sg

city = sg.sample("sacramento")
frame = sg.local(city, "share", group="hisp").assign(income=city.attributes["hh_inc"].to_numpy())
urban = frame[city.attributes["county"].to_numpy() == "Sacramento"]
names = ("Median household income ($)", "Hispanic share")
ax = sg.plot.bivariate(urban, "income", "value", names=names, managed=False)
ax.figure.savefig(f"{sys.argv[1]}/bivariate.png", dpi=100)
