"""Statistics Norway's StatBank, read through PxWebApi v2: cubes of figures with their standard signs.

``cube`` reads JSON-stat 2, ``selection`` says which codes of a dimension are meant, ``client`` asks the service in parts
that it allows, ``layouts`` declares the tables that Framsyn uses, and ``tables`` returns them with Framsyn's own column
names.
"""

from framsyn.sources.statbank.client import Statbank
from framsyn.sources.statbank.cube import Cube, Dimension, join_cubes, read_cube
from framsyn.sources.statbank.layouts import LAYOUTS, Layout

__all__ = ["Cube", "Dimension", "LAYOUTS", "Layout", "Statbank", "join_cubes", "read_cube"]
