"""Can we reach it: what measures give of assumptions, and the kept answers about goals."""
