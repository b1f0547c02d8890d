"""The custom objects that carry attribution (domain §4.5): touchpoints on persons, credits on deals.

They exist in both CRMs under the same keys, so that writing them twice makes nothing twice. Installing them and the
rows that are written are both served from here; which rows there are is `attribution_credits`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from connector.revops.agreement import Locale
from connector.revops.fields import Option

CarrierKind = Literal[
    "key", "text", "long_text", "datetime", "bool", "integer", "percent", "money", "picklist", "multi"
]
End = Literal["person", "deal", "touchpoint", "campaign"]


@dataclass(frozen=True, slots=True)
class CarrierField:
    """One field of a custom object; `key` is the unique text that rows are upserted by."""

    name: str
    kind: CarrierKind
    en: str
    de: str
    options: tuple[Option, ...] = ()
    length: int = 255

    def label(self, locale: Locale) -> str:
        """What a person reads above the field."""
        return self.de if locale == "de" else self.en


@dataclass(frozen=True, slots=True)
class Reference:
    """What a row belongs to: an association on HubSpot, one lookup per target on Salesforce.

    `salesforce` maps the target's object to the lookup field, the object of another carrier under its default prefix;
    a campaign exists on Salesforce only.
    """

    to: End
    salesforce: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Carrier:
    """One custom object: `revops_touchpoint` on HubSpot, `RevOps_Touchpoint__c` on Salesforce.

    `shown` are the fields that HubSpot puts on the card of a row, the first as its headline.
    """

    name: str
    en: str
    de: str
    en_plural: str
    de_plural: str
    fields: tuple[CarrierField, ...]
    references: tuple[Reference, ...]
    shown: tuple[str, ...]

    def label(self, locale: Locale) -> str:
        """What a person calls one row."""
        return self.de if locale == "de" else self.en

    def plural(self, locale: Locale) -> str:
        """What a person calls several rows."""
        return self.de_plural if locale == "de" else self.en_plural

    def hubspot(self, prefix: str) -> str:
        """The object's name on HubSpot; its properties are named by `hubspot_field`."""
        return prefix + self.name

    def salesforce(self, prefix: str) -> str:
        """The object's API name on Salesforce."""
        return f"{prefix}{self.name.capitalize()}__c"


def hubspot_field(name: str, prefix: str) -> str:
    """The property of a custom object: `revops_key`."""
    return prefix + name


def salesforce_field(name: str) -> str:
    """The field of a custom object: `Occurred_At__c`."""
    return "_".join(word.capitalize() for word in name.split("_")) + "__c"


KEY = "key"
MODELS = ("first", "last", "linear", "u_shape", "w_shape", "full_path", "time_decay")

TOUCHPOINT = Carrier(
    "touchpoint", "Touchpoint", "Touchpoint", "Touchpoints", "Touchpoints",
    (
        CarrierField(KEY, "key", "Key", "Schlüssel", length=32),
        CarrierField("occurred_at", "datetime", "Occurred at", "Zeitpunkt"),
        CarrierField(
            "precision", "picklist", "Precision", "Genauigkeit",
            (Option("exact", "Exact", "Genau"), Option("day", "Day", "Tag")),
        ),
        CarrierField("channel", "text", "Channel", "Kanal", length=100),
        CarrierField("subchannel", "text", "Subchannel", "Unterkanal", length=100),
        CarrierField("campaign_name", "text", "Campaign", "Kampagne"),
        CarrierField("source_system", "text", "Source system", "Quellsystem", length=40),
        CarrierField("source_record", "text", "Source record", "Quelldatensatz", length=100),
        CarrierField("landing_path", "text", "Landing path", "Einstiegsseite"),
        *(
            CarrierField(f"utm_{name}", "text", f"UTM {name}", f"UTM {name}")
            for name in ("source", "medium", "campaign", "term", "content")
        ),
        CarrierField("is_first", "bool", "First touch", "Erster Kontakt"),
        CarrierField("is_lead_creation", "bool", "Lead creation", "Lead-Entstehung"),
    ),
    (
        Reference("person", (("Lead", "Lead__c"), ("Contact", "Contact__c"))),
        Reference("campaign", (("Campaign", "Campaign__c"),)),
    ),
    ("channel", "occurred_at", "campaign_name"),
)  # fmt: skip

CREDIT = Carrier(
    "credit", "Attribution credit", "Attributionsanteil", "Attribution credits", "Attributionsanteile",
    (
        CarrierField(KEY, "key", "Key", "Schlüssel", length=32),
        CarrierField("model", "picklist", "Model", "Modell", tuple(Option(each, each, each) for each in MODELS)),
        CarrierField("channel", "text", "Channel", "Kanal", length=100),
        CarrierField(
            "milestones", "multi", "Milestones", "Meilensteine",
            tuple(Option(each, each, each) for each in ("FT", "LC", "OC", "CW")),
        ),
        CarrierField("weight_pct", "percent", "Weight in percent", "Gewicht in Prozent"),
        CarrierField("amount", "money", "Amount", "Betrag"),
        CarrierField("currency", "text", "Currency", "Währung", length=3),
        CarrierField("reporting_amount", "money", "Amount in reporting currency", "Betrag in Berichtswährung"),
        CarrierField("revision", "integer", "Revision", "Fassung"),
        CarrierField("superseded", "bool", "Superseded", "Ersetzt"),
        CarrierField("computed_at", "datetime", "Computed at", "Berechnet am"),
        CarrierField("config", "text", "Rules", "Regelwerk", length=12),
    ),
    (
        Reference("touchpoint", (("RevOps_Touchpoint__c", "Touchpoint__c"),)),
        Reference("deal", (("Opportunity", "Opportunity__c"),)),
    ),
    ("channel", "model", "amount"),
)  # fmt: skip

CARRIERS = (TOUCHPOINT, CREDIT)
"""In the order in which they refer to each other."""
