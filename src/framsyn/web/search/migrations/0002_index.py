"""The full-text index."""

from django.db import migrations

from framsyn.web.search.sql import create_index, drop_index


class Migration(migrations.Migration):
    """Made by hand: neither FTS5 nor an index on an expression is known to the framework."""

    dependencies = [("search", "0001_initial")]

    operations = [migrations.RunPython(create_index, drop_index)]
