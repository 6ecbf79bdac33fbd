"""The stages of the chain: population, activity, capacity, workforce, economy, climate.

A stage is a pure function from a Dataset to a Dataset: no files, no clock, no global state.
"""
