"""Commands of the machine that the site runs on."""
