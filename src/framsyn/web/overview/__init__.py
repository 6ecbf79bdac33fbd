"""The follow-up in one page: where the goals stand, how the measures go, what changed, what is missing, what comes."""
