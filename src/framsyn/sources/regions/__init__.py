"""A region's raw tables from open statistics and labelled assumptions, for any Norwegian health authority.

``authorities`` knows the four by name, ``fetch`` asks the services for the tidy frames of ``open_data``, ``assembly`` makes
the tables of them and ``built`` adds what the sources say of themselves. What cannot be fetched is assumed and listed by
``gaps``.
"""

from framsyn.sources.regions.assembly import BASE_YEAR, Assembled, assemble
from framsyn.sources.regions.authorities import Authority, authorities, find_authority
from framsyn.sources.regions.open_data import OpenData

__all__ = ["BASE_YEAR", "Assembled", "Authority", "OpenData", "assemble", "authorities", "find_authority"]
