"""Breaks of more than one kind, with an end and a place."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Every break that stands marks a new way of counting, everywhere, until somebody says more."""

    dependencies = (("indicators", "0001_initial"),)

    operations = (
        migrations.AddField(
            "break",
            "kind",
            models.CharField(
                choices=[
                    ("level", "counted in another way from then on"),
                    ("faulty", "the source warns of the figures"),
                    ("one_off", "an event that passes"),
                ],
                default="level",
                max_length=10,
            ),
        ),
        migrations.AddField("break", "place", models.CharField(blank=True, max_length=60)),
        migrations.AddField("break", "until", models.DateField(blank=True, null=True)),
    )
