"""A plan to start from."""

from __future__ import annotations

__all__ = ["PLAN"]

PLAN = """\
# A plan for segregate: which data, which measures, where the results go.
# segregate run plan.toml --check   says what would be done, or all that is wrong
# segregate run plan.toml           does it; stopped at any moment, it goes on when started again
# segregate status results          says how far it is

[plan]
name = "Cities of my country, 2011 and 2021"
output = "results"               # a folder beside this file

# One [[data]] for each kind of file. Every key of segregate.read can stand here:
# total, id, area, points, crs, missing, suppressed, excess, source, layer, join, on, where ...
[[data]]
path = "tracts_2011.parquet"     # a file, a pattern ("cities/*.gpkg"), or a list of them
by = "city_code"                 # column of cities; leave it out where each file is a city
label = "city_name"              # column with their names
year = 2011                      # a year, or a column of years
groups = ["born_here", "born_elsewhere"]
# points = ["x", "y"]            # columns of coordinates, and their CRS:
# crs = "EPSG:3035"

[[data]]
path = "tracts_2021/*.gpkg"
pattern = '(?P<city>.+)_(?P<year>\\d{4})\\.gpkg'   # city and year from the names of files
groups = ["born_here", "born_elsewhere"]

[measure]
indices = ["D", "H", "isolation", {index = "atkinson", b = 0.1}]   # leave it out: all that the data allow
versus = "rest"                  # or "pairs"
environments = [
    {kind = "home"},
    {kind = "kernel", radius = [500, 1000, 2000], shape = "biweight"},   # in metres
    # {kind = "nearest", people = [1000, 4000]},
    # {kind = "decay", scale = 1000},                           # needs polygons, or area
    # {kind = "contiguity", order = 1, contiguity = "queen"},   # polygons that touch; or "rook"
]

# A p-value for every number: would chance give as much?
# [test]
# null = "people"                # or "multinomial", "binomial", "units"
# replicates = 999
# seed = 1
# round = "largest_remainder"    # where counts are no whole numbers

# An interval for every number, and league tables with the ranks that each city may have.
# [bootstrap]
# replicates = 999
# interval = "basic"
# level = 0.95
# seed = 1

[engine]
kind = "local"                   # or "dask", with scheduler = "tcp://..."
# workers = 2                    # one for each core
# memory = "16 GB"               # for all workers together
"""
