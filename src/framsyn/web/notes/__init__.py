"""Internal notes: what those who work on a goal, an indicator or a measure tell each other, and nobody else reads."""
