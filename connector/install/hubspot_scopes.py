"""Which scopes the missing parts need of HubSpot's token, and what is said where it lacks them.

Scopes as the published contracts of properties and schemas name them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connector.errors import SettingsError
from connector.install.finding import Finding
from connector.install.hubspot_compare import HubSpotLack
from connector.install.wanted_hubspot import OBJECTS

_LACKS = "the HubSpot token may not create what is missing: it lacks"
_DO = "add them to the service key or app for as long as the install takes (docs/admin.md, Install)"


def needed(lack: HubSpotLack) -> tuple[str, ...]:
    """Every scope that an install of the missing parts needs."""
    changed = [*lack.groups, *lack.properties, *(each.field.object for each in lack.options)]
    own = bool(lack.objects or lack.links) or any(each not in OBJECTS.values() for each in changed)
    names = [each for each in OBJECTS.values() if each in changed]
    return tuple(f"crm.schemas.{each}.write" for each in (*names, *(["custom"] if own else [])))


def lacking(lack: HubSpotLack, held: frozenset[str] | None) -> tuple[str, ...]:
    """Those of them that the token lacks; none where nobody knows what it has."""
    return () if held is None else tuple(each for each in needed(lack) if each not in held)


def told(missing: Sequence[str]) -> Iterable[Finding]:
    """What a plan says of it."""
    if missing:
        yield Finding("error", "HubSpot", f"{_LACKS} {', '.join(missing)}", _DO)


def refuse_without(missing: Sequence[str]) -> None:
    """Let a token pass that may create everything.

    Raises:
        SettingsError: names every missing scope.
    """
    if missing:
        raise SettingsError(f"{_LACKS} {', '.join(missing)}. Nothing was changed, in Salesforce neither: {_DO}")
