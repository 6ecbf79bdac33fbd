"""Fetching from public statistics services: politely, from the cache where it can, and never half.

A call is answered from the cache while it is fresh, else the service is asked whether it has changed. A service that is
busy is asked again later, as it wishes; an answer that was cut is fetched anew. What was fetched once stays on disk, so
that a build that was broken off goes on where it was and runs again with the network off.

Three modules: ``fetcher`` is what the clients call, ``transport`` sends one call (rate, retries, size), ``answers`` reads
what came back.
"""

from framsyn.sources.fetching.answers import Fetched, read_json, read_text
from framsyn.sources.fetching.fetcher import Fetcher, cache_folder
from framsyn.sources.fetching.transport import RATES, Rate

__all__ = ["Fetched", "Fetcher", "RATES", "Rate", "cache_folder", "read_json", "read_text"]
