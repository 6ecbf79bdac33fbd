"""Guided views of the outlook: a few sentences and one chart a step, with the figures of the run that the site shows."""
