"""The explorer: move a lever, see the region answer."""
