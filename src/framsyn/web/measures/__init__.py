"""Measures: what will be done, by whom, at what cost and with which benefit."""
