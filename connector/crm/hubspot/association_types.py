"""HubSpot's association type ids: the unlabelled default of a pair, and the primary one where there is one.

Ids: HubSpot's "associate records" guide. Pairs that stand here need no call; custom objects are asked for.
"""

from __future__ import annotations

from connector.crm.hubspot.client import Client, checked
from connector.crm.hubspot.names import Paths, plural
from connector.errors import SettingsError

DEFAULT = {
    ("contacts", "companies"): 279,
    ("companies", "contacts"): 280,
    ("contacts", "deals"): 4,
    ("deals", "contacts"): 3,
    ("deals", "companies"): 341,
    ("companies", "deals"): 342,
    ("contacts", "contacts"): 449,
    ("companies", "companies"): 450,
    ("deals", "deals"): 451,
    ("tasks", "contacts"): 204,
    ("tasks", "companies"): 192,
    ("tasks", "deals"): 216,
    ("tasks", "leads"): 647,
    ("contacts", "tasks"): 203,
    ("companies", "tasks"): 191,
    ("deals", "tasks"): 215,
    ("leads", "tasks"): 646,
    ("notes", "contacts"): 202,
    ("notes", "companies"): 190,
    ("notes", "deals"): 214,
    ("notes", "leads"): 855,
    ("calls", "contacts"): 194,
    ("emails", "contacts"): 198,
    ("meetings", "contacts"): 200,
}
PRIMARY = {
    ("contacts", "companies"): 1,
    ("deals", "companies"): 5,
    ("leads", "contacts"): 578,
    ("leads", "companies"): 580,
    ("leads", "deals"): 582,
}

Spec = tuple[str, int]
"""Category and type id."""


def primary(source: str, target: str) -> Spec | None:
    """The type that at most one association of a record has; None where the pair knows no primary."""
    found = PRIMARY.get((plural(source), plural(target)))
    return ("HUBSPOT_DEFINED", found) if found else None


class Types:
    """The default types of one portal, asked once per pair."""

    def __init__(self, client: Client, paths: Paths) -> None:
        self._client = client
        self._paths = paths
        self._known: dict[tuple[str, str], Spec] = {
            pair: ("HUBSPOT_DEFINED", number) for pair, number in DEFAULT.items()
        }

    def default(self, source: str, target: str) -> Spec:
        """The unlabelled type from `source` to `target`.

        Raises:
            SettingsError: the two objects cannot be associated.
        """
        pair = plural(source), plural(target)
        if pair not in self._known:
            self._known[pair] = self._ask(*pair)
        return self._known[pair]

    def _ask(self, source: str, target: str) -> Spec:
        answer = self._client.get(self._paths.associations(source, target, "/labels"))
        labels = checked(answer, f"associations from {source} to {target}").get("results", [])
        plain = [label for label in labels if not label.get("label")]
        if not plain:
            raise SettingsError(f"HubSpot has no association from {source} to {target}: declare it in the schema")
        return str(plain[0]["category"]), int(plain[0]["typeId"])
