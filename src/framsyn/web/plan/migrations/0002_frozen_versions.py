"""Put the guards in that keep frozen versions, wordings and identities; add the link kind "supports"."""

from django.db import migrations, models

from framsyn.web.plan import guards


def create(apps, schema_editor):
    """Make the triggers."""
    with schema_editor.connection.cursor() as cursor:
        guards.create(cursor, schema_editor.connection.vendor)


def drop(apps, schema_editor):
    """Take them away."""
    with schema_editor.connection.cursor() as cursor:
        guards.drop(cursor, schema_editor.connection.vendor)


class Migration(migrations.Migration):
    """See the module docstring."""

    dependencies = (("plan", "0001_initial"),)

    operations = (
        migrations.AlterField(
            model_name="link",
            name="kind",
            field=models.CharField(
                choices=[
                    ("continues", "continues"),
                    ("answers", "answers"),
                    ("leads_to", "leads to"),
                    ("supports", "supports"),
                    ("depends_on", "depends on"),
                    ("conflicts", "conflicts with"),
                ],
                max_length=20,
            ),
        ),
        migrations.RunPython(create, drop),
    )
