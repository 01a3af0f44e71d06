"""How to ask for any index of the catalogue, with what it needs."""

import numpy as np

import segregate as sg
from segregate.registry import specs

REQUIRED = {"centre": "population", "radius": 2500.0, "host": "white"}
"""A value for each parameter that has no default."""


def required(name):
    """Return the parameters that an index cannot do without."""
    sg.bind  # noqa: B018 - fills the registry
    return {word: REQUIRED[word] for word in specs[name].required}


def asked(name, population, groups=("black", "white"), by=None, **params):
    """Evaluate an index about two groups: as a pair, about the first, or of the two alone."""
    spec = specs[name]
    if spec.groups == (2, 2):
        population = population.select(*groups)
    focal = {None: {}, "group": {"group": groups[0]}, "pair": {"group": groups[0], "other": groups[1]}}[spec.focal]
    if by is not None:
        population = population.regions(by)
    return spec.function(population, **focal, **required(name), **params)


def codes(values):
    """Return the numbers of categories, or numbers as they are."""
    return values.cat.codes.astype(float).replace(-1.0, np.nan) if hasattr(values, "cat") else values
