"""Environments: who surrounds a person, as a linear operator W on the units."""

from .base import Environment, Home, Operator, SparseOperator
from .contiguity import Contiguity
from .decay import Decay
from .flows import Flows
from .kernel import Kernel
from .nearest import Nearest
from .network import Network
from .weights import Weights

__all__ = [
    "Contiguity",
    "Decay",
    "Environment",
    "Flows",
    "Home",
    "Kernel",
    "Nearest",
    "Network",
    "Operator",
    "SparseOperator",
    "Weights",
]
