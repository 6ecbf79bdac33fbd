"""Promises of speed and memory, one file each; ``make bench`` measures them all."""
