"""Stamps and seals; what is in the log already is sealed at once, marked as older than the seals.

The guards are put in place after the migrations (:mod:`framsyn.web.audit.guards`).
"""

import django.db.models.deletion
from django.db import migrations, models

from framsyn.web.audit import guards
from framsyn.web.audit.sealing import seal_old


def seal_what_is_there(apps, schema_editor):
    """Seal the entries of before."""
    seal_old(apps.get_model("audit", "Entry"), apps.get_model("audit", "Seal"))


def take_guards_away(apps, schema_editor):
    """Let the tables be changed."""
    with schema_editor.connection.cursor() as cursor:
        guards.drop(cursor, schema_editor.connection.vendor)


class Migration(migrations.Migration):
    """See the module docstring."""

    dependencies = (("audit", "0002_organisation"),)

    operations = (
        migrations.AddField(
            model_name="entry",
            name="stamp",
            field=models.CharField(editable=False, max_length=60, null=True),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.UniqueConstraint(fields=("stamp",), name="audit_stamp_once"),
        ),
        migrations.CreateModel(
            name="Seal",
            fields=(
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="seal",
                        serialize=False,
                        to="audit.entry",
                    ),
                ),
                ("chain", models.CharField(blank=True, max_length=60)),
                ("place", models.PositiveBigIntegerField()),
                ("sealed_at", models.DateTimeField()),
                ("late", models.BooleanField(default=False)),
                ("form", models.PositiveSmallIntegerField()),
                ("key", models.CharField(max_length=8)),
                ("content", models.CharField(max_length=64)),
                ("fields", models.CharField(max_length=200)),
                ("previous", models.CharField(blank=True, max_length=64)),
                ("hash", models.CharField(max_length=64)),
            ),
            options={
                "ordering": ("chain", "place"),
                "constraints": (models.UniqueConstraint(fields=("chain", "place"), name="audit_place_once"),),
            },
        ),
        migrations.RunPython(seal_what_is_there, take_guards_away),
    )
