"""HubSpot's names: versioned paths, object types, and the properties every object has.

Paths carry a date version (supported 18 months each), since the numbered ones end in 2027.
"""

from __future__ import annotations

from connector.errors import SettingsError

VERSIONS = ("2026-03", "2026-09")
DEFAULT_VERSION = "2026-03"

FORMS = "/marketing/v3/forms"
SUBMISSIONS = "/form-integrations/v1/submissions/forms"
EMAIL_EVENTS = "/email/public/v1/events"
"""These have no dated version in `VERSIONS` yet."""

MERGED = "hs_merged_object_ids"
"""`"51;1551"`: the ids of the records that were merged into this one."""

_TYPE_IDS = {
    "0-1": "contacts",
    "0-2": "companies",
    "0-3": "deals",
    "0-136": "leads",
    "0-27": "tasks",
    "0-46": "notes",
    "0-47": "meetings",
    "0-48": "calls",
    "0-49": "emails",
}
_SINGULAR = {name: name.removesuffix("s") for name in _TYPE_IDS.values()} | {"companies": "company"}
_PLURAL = {singular: name for name, singular in _SINGULAR.items()}


def plural(vendor_object: str) -> str:
    """`contact`, `contacts` and `0-1` are all `contacts`; a custom object keeps its name."""
    return _TYPE_IDS.get(vendor_object) or _PLURAL.get(vendor_object.lower(), vendor_object)


def singular(vendor_object: str) -> str:
    """The word that association type names use."""
    return _SINGULAR.get(plural(vendor_object), vendor_object)


def is_custom(vendor_object: str) -> bool:
    """Whether the object was made in the portal."""
    return plural(vendor_object) not in _SINGULAR


def modified_property(vendor_object: str) -> str:
    """The property that holds the modification stamp: contacts have another one than all the rest."""
    return "lastmodifieddate" if plural(vendor_object) == "contacts" else "hs_lastmodifieddate"


def associated(field: str) -> str | None:
    """`companies` of the mapping name `associations.companies`; None for a property."""
    return field.removeprefix("associations.") if field.startswith("associations.") else None


def columns(fields: list[str] | tuple[str, ...]) -> list[str]:
    """The properties among `fields`."""
    return [field for field in fields if associated(field) is None]


def targets(fields: list[str] | tuple[str, ...]) -> list[str]:
    """The objects whose associations are among `fields`."""
    return [target for field in fields if (target := associated(field)) is not None]


def stamp(text: str | None) -> str:
    """A HubSpot time with exactly three digits of a second, so that stamps compare as text.

    HubSpot leaves the fraction out when it is zero, and "…:17Z" sorts after "…:17.883Z".
    """
    if not text or not text.endswith("Z"):
        return text or ""
    whole, _, fraction = text[:-1].partition(".")
    return f"{whole}.{fraction[:3]:0<3}Z"


class Paths:
    """Every path the adapter uses, in one version of the API."""

    def __init__(self, version: str) -> None:
        if version not in VERSIONS:
            raise SettingsError(f"hubspot.version is one of {', '.join(VERSIONS)}: correct connector.yaml")
        self.version = version
        self.account = f"/account-info/{version}/details"
        self.owners = f"/crm/owners/{version}"
        self.schemas = f"/crm-object-schemas/{version}/schemas"
        self.events = f"/events/event-occurrences/{version}"

    def objects(self, vendor_object: str, rest: str = "") -> str:
        """Records of an object; `rest` begins with a slash."""
        return f"/crm/objects/{self.version}/{plural(vendor_object)}{rest}"

    def associations(self, source: str, target: str, rest: str) -> str:
        """Associations between two objects; `rest` begins with a slash."""
        return f"/crm/associations/{self.version}/{plural(source)}/{plural(target)}{rest}"

    def properties(self, vendor_object: str) -> str:
        """The properties of an object."""
        return f"/crm/properties/{self.version}/{plural(vendor_object)}"

    def pipelines(self, vendor_object: str) -> str:
        """The pipelines of an object."""
        return f"/crm/pipelines/{self.version}/{plural(vendor_object)}"

    def schema(self, vendor_object: str) -> str:
        """The schema of a custom object."""
        return f"{self.schemas}/{vendor_object}"
