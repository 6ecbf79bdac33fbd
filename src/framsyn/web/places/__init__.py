"""A page for every place: the region, its trusts, hospital areas, health communities and municipalities."""
