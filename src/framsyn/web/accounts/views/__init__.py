"""Pages of logging in, of one's own account, and of people and their roles."""
