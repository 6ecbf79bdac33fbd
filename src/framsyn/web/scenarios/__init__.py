"""Saved scenarios: kept with their figures, shared, published, decided, compared, and read again after every upgrade."""
