"""Segregation along an order.

How apart those below and above each rank of income live, in four invented neighbourhoods.
"""

import sys

import pandas as pd

import segregate as sg

rows = {"low": [60, 40, 20, 10], "lower": [40, 40, 30, 20], "upper": [20, 30, 40, 40], "high": [5, 20, 40, 70]}
city = sg.Population.from_frame(pd.DataFrame(rows), list(rows))
ax = sg.plot.rank_order_profile(city, degree=2, managed=False)
ax.figure.savefig(f"{sys.argv[1]}/rank_order_profile.png", dpi=100)
