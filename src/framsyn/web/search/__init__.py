"""Search over plan, goals, indicators, measures and data."""
