"""Environments: who surrounds a person, as a linear operator W on the units."""

from .base import Environment, Home, Operator, SparseOperator
from .decay import Decay
from .kernel import Kernel
from .weights import Weights

__all__ = ["Decay", "Environment", "Home", "Kernel", "Operator", "SparseOperator", "Weights"]
