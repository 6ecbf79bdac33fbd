"""What changed, for everybody: a page, and feeds to follow it by."""
