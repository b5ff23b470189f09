"""Links from a run to where more is to be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join

from airfleet.django.configuration import read_configuration

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from airfleet.django.models import MirroredRun


def run_page(run_id: str) -> str:
    """The page here of a run; empty where the admin has none."""
    try:
        return reverse("admin:airfleet_mirroredrun_change", args=[run_id])
    except NoReverseMatch:
        return ""


def airfleet_page(run: MirroredRun) -> str:
    """Airfleet's page of a run; empty for one that Airfleet does not know."""
    url = read_configuration().url
    return f"{url}/runs/{run.pk}" if url and not run.is_imported else ""


def run_links(run: MirroredRun) -> SafeString:
    """To Airflow's page, unless the run is gone there, and to Airfleet's."""
    airflow = run.ui_url if run.engine_gone_at is None else ""
    links = [(airflow, "Airflow"), (airfleet_page(run), "Airfleet")]
    # A link is text of others until its scheme was looked at.
    usable = [link for link in links if link[0].startswith(("http://", "https://"))]
    shown = format_html_join(" · ", '<a href="{}">{}</a>', usable)
    return shown if run.engine_gone_at is None else format_html("{} (gone from Airflow)", shown)
