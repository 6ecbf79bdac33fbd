"""The plan: structure, versions, goals, choices."""
