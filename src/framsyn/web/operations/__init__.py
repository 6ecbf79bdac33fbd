"""Running the site: serving, backups, logs, health."""
