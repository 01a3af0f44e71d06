"""What several test modules need."""

import warnings

import pandas as pd

import segregate as sg


def population(city, **how):
    """Return the population of a city given as a list of lists, with groups g0, g1, ..."""
    groups = [f"g{m}" for m in range(len(city[0]))]
    return sg.Population.from_frame(pd.DataFrame(city, columns=groups, dtype=float), groups, **how)


def quietly(function, *args, **kwargs):
    """Call without the warnings about undefined and partial values, which other tests look at."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sg.SegregateWarning)
        return function(*args, **kwargs)


def focal_names(spec, group, other):
    """Return the focal groups that an index asks for, by name."""
    return {None: {}, "group": {"group": f"g{group}"}, "pair": {"group": f"g{group}", "other": f"g{other}"}}[spec.focal]
