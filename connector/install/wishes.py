"""What a project's settings say of revloop's own parts."""

from __future__ import annotations

from connector.install.wanted import Wishes
from connector.project import Project


def wishes_of(project: Project) -> Wishes:
    """Names of the stamps, beginnings of own names, and the language of labels."""
    settings = project.settings
    return Wishes(
        stamps={"hubspot": settings.stamps.hubspot, "salesforce": settings.stamps.salesforce},
        prefixes={"hubspot": settings.own_fields.hubspot, "salesforce": settings.own_fields.salesforce},
        locale=project.agreement.locale,
    )
