"""Segregation curve.

Which part of one group lives where few of the other do; the farther from the diagonal, the more apart.
"""

import sys

import segregate as sg

ax = sg.plot.segregation_curve(sg.sample("sacramento"), group=["black", "hisp"], managed=False)
ax.figure.savefig(f"{sys.argv[1]}/segregation_curve.png", dpi=100)
