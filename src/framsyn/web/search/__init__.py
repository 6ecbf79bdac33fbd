"""Search over plan, goals, indicators, measures, scenarios, places and data."""
