"""Stored runs of the outlook, as the site shows them."""
