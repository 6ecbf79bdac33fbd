"""Questions asked of outlooks: why they differ, what drives them, how earlier projections fared."""
