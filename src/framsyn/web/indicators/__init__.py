"""Indicators, their observations and status rules."""
