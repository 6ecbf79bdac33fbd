"""Follow-up: what is due, from whom, and the letters, links and lists that keep a plan alive."""
