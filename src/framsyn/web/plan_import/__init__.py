"""Taking in a plan that somebody wrote elsewhere: upload, review, draft."""
