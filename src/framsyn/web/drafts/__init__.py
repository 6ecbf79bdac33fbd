"""Text that somebody has typed into a form and not saved yet, kept for that person alone."""
