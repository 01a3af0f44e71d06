"""Environments: who surrounds a person, as a linear operator W on the units."""

from .base import Environment, Home, Operator
from .weights import Weights

__all__ = ["Environment", "Home", "Operator", "Weights"]
