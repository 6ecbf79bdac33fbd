"""The annual wheel: what comes back every year, when, and who answers for it."""
