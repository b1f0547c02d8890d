"""The field dictionary (domain §14): every field of revloop's own, once, for both CRMs.

Installing, checking, the mappings and the docs are all served from here. A field's `name` is its name in plans and
rules and, with the default prefix, its HubSpot name; the Salesforce name follows from it. Fields written by people
are synced like any other; all others belong to the connector.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from connector.revops.agreement import Agreement, Locale
from connector.revops.lifecycle import STAGES, WRITTEN
from connector.revops.rejection_reasons import CATEGORIES, Reasons

Part = Literal["scoring", "lifecycle", "rejection", "attribution"]
Kind = Literal["integer", "text", "long_text", "datetime", "date", "bool", "picklist"]

PREFIX = "revops_"


@dataclass(frozen=True, slots=True)
class Option:
    """A picklist value: stored is `value`, people see the label; a retired one stays readable and is not offered."""

    value: str
    en: str
    de: str
    retired: bool = False

    def label(self, locale: Locale) -> str:
        """What a person reads."""
        return self.de if locale == "de" else self.en


@dataclass(frozen=True, slots=True)
class OwnField:
    """One field; `objects` are person, company, deal (a person's is on HubSpot's contact and both lead and contact).

    `length` holds for texts. `writer` people: synced both ways, the newest change wins; revloop: derived. `judged` is a
    yes-or-no whose no is an answer, which is written; else no is the normal state of nearly every record, and HubSpot's
    empty checkbox says it as well.
    """

    name: str
    objects: tuple[str, ...]
    kind: Kind
    part: Part
    en: str
    de: str
    options: tuple[Option, ...] = ()
    length: int | None = None
    writer: Literal["revloop", "people"] = "revloop"
    judged: bool = False

    def label(self, locale: Locale) -> str:
        """What a person reads above the field."""
        return self.de if locale == "de" else self.en

    def vendor_name(self, side: Literal["hubspot", "salesforce"], prefix: str) -> str:
        """The field's API name: `revops_fit_score`, `RevOps_Fit_Score__c`; `prefix` is that side's."""
        bare = self.name.removeprefix(PREFIX)
        if side == "hubspot":
            return prefix + bare
        return prefix + "_".join(word[:1].upper() + word[1:] for word in bare.split("_")) + "__c"


_PERSON, _STAGED, _DEAL = ("person",), ("person", "company"), ("deal",)


def _same(*values: str) -> tuple[Option, ...]:
    return tuple(Option(value, value, value) for value in values)


_GRADES = _same("A", "B", "C", "D")
_BANT = {
    "budget": ("Budget", "Budget", ("approved", "Approved", "Freigegeben"), ("planned", "Planned", "Geplant")),
    "authority": (
        "Authority",
        "Entscheidung",
        ("decides", "Decides", "Entscheidet"),
        ("influences", "Influences", "Beeinflusst"),
    ),
    "need": (
        "Need",
        "Bedarf",
        ("explicit", "Problem named", "Problem benannt"),
        ("implied", "Implied", "Erkennbar"),
    ),
    "timeline": (
        "Timeline",
        "Zeitplan",
        ("within_3_months", "Within 3 months", "In 3 Monaten"),
        ("within_12_months", "Within 12 months", "In 12 Monaten"),
    ),
}
ANSWERS: Mapping[str, tuple[str, ...]] = {
    f"bant_{name}": (a[0], b[0], "none", "unknown") for name, (_, _, a, b) in _BANT.items()
}
"""How the scoring rules call the answers of sales, which are own fields without their prefix, and their options."""

_STAGE_LABELS = {
    "subscriber": "Abonnent",
    "lead": "Lead",
    "mql": "MQL",
    "sal": "SAL",
    "sql": "SQL",
    "opportunity": "Opportunity",
    "customer": "Kunde",
    "evangelist": "Fürsprecher",
}
_CATEGORY_LABELS = {
    "budget": ("Budget", "Budget"),
    "authority": ("Authority", "Entscheidung"),
    "need": ("Need", "Bedarf"),
    "timeline": ("Timeline", "Zeitplan"),
    "fit": ("Fit", "Passung"),
    "data_quality": ("Data quality", "Datenqualität"),
    "engagement": ("Engagement", "Engagement"),
    "compliance": ("Compliance", "Datenschutz"),
    "other": ("Other", "Sonstiges"),
}

_SCORING = (
    OwnField("revops_fit_score", _PERSON, "integer", "scoring", "Fit score", "Fit-Score"),
    OwnField("revops_fit_grade", _PERSON, "picklist", "scoring", "Fit grade", "Fit-Note", _GRADES),
    OwnField("revops_engagement_score", _PERSON, "integer", "scoring", "Engagement score", "Engagement-Score"),
    OwnField(
        "revops_engagement_level", _PERSON, "picklist", "scoring", "Engagement level", "Engagement-Stufe",
        _same("E1", "E2", "E3"),
    ),
    OwnField(
        "revops_temperature", _PERSON, "picklist", "scoring", "Lead temperature", "Lead-Temperatur",
        (Option("cold", "Cold", "Kalt"), Option("warm", "Warm", "Warm"), Option("hot", "Hot", "Heiß")),
    ),
    *(
        OwnField(
            f"revops_bant_{name}", _PERSON, "picklist", "scoring", f"BANT: {en}", f"BANT: {de}",
            (
                Option(*a), Option(*b), Option("none", "None", "Nicht vorhanden"),
                Option("unknown", "Unknown", "Unbekannt"),
            ),
            writer="people",
        )
        for name, (en, de, a, b) in _BANT.items()
    ),
    *(
        OwnField(
            f"revops_bant_{name}_grade", _PERSON, "picklist", "scoring", f"BANT grade: {en}", f"BANT-Note: {de}",
            _same("A", "B", "C"),
        )
        for name, (en, de, _, _) in _BANT.items()
    ),
    OwnField("revops_sql_rule", _PERSON, "text", "scoring", "SQL rule", "SQL-Regel", length=100),
    OwnField(
        "revops_score_explanation", _PERSON, "long_text", "scoring", "Score explanation", "Score-Begründung",
        length=2000,
    ),
    OwnField("revops_score_at", _PERSON, "datetime", "scoring", "Scored at", "Bewertet am"),
    OwnField("revops_score_config", _PERSON, "text", "scoring", "Score rules", "Score-Regelwerk", length=12),
)  # fmt: skip

_LIFECYCLE = (
    OwnField(
        "revops_stage", _STAGED, "picklist", "lifecycle", "Stage", "Phase",
        tuple(Option(WRITTEN[stage], WRITTEN[stage].capitalize() if stage == WRITTEN[stage] else WRITTEN[stage],
                     _STAGE_LABELS[stage]) for stage in STAGES),
    ),
    *(
        OwnField(f"revops_{short}_at", _PERSON, "datetime", "lifecycle", f"{word} since", f"{word} seit")
        for short, word in (
            ("lead", "Lead"), ("mql", "MQL"), ("sal", "SAL"), ("sql", "SQL"), ("opp", "Opportunity"),
            ("customer", "Customer"),
        )
    ),
    OwnField("revops_cycle", _PERSON, "integer", "lifecycle", "Cycle", "Durchlauf"),
    OwnField("revops_recycled_at", _PERSON, "datetime", "lifecycle", "Recycled at", "Zurückgegeben am"),
    OwnField(
        "revops_stage_source", _PERSON, "picklist", "lifecycle", "Stage set by", "Phase gesetzt durch",
        (
            Option("rule", "Rule", "Regel"), Option("user", "User", "Nutzer"), Option("crm", "CRM", "CRM"),
            Option("import", "Import", "Import"),
        ),
    ),
    OwnField(
        "revops_customer_status", _PERSON, "picklist", "lifecycle", "Customer status", "Kundenstatus",
        (Option("former", "Former", "Ehemalig"),),
    ),
    OwnField("revops_sla_breached_at", _PERSON, "datetime", "lifecycle", "First SLA breach", "Erste SLA-Verletzung"),
)  # fmt: skip

_REJECTION = (
    OwnField(
        "revops_rejection_comment", _PERSON, "text", "rejection", "Rejection comment", "Ablehnungskommentar",
        length=255, writer="people",
    ),
    OwnField(
        "revops_rejection_state", _PERSON, "picklist", "rejection", "Rejection state", "Ablehnungsstand",
        (
            Option("ok", "OK", "OK"), Option("missing_reason", "Reason missing", "Grund fehlt"),
            Option("reverted", "Given back", "Zurückgesetzt"),
            *(Option(f"escalated_{n}", f"Escalated, level {n}", f"Eskaliert, Stufe {n}") for n in (1, 2, 3)),
        ),
    ),
    OwnField(
        "revops_rejection_category", _PERSON, "picklist", "rejection", "Rejection category", "Ablehnungskategorie",
        tuple(Option(each, *_CATEGORY_LABELS[each]) for each in CATEGORIES),
    ),
    OwnField("revops_rejection_rejected_at", _PERSON, "datetime", "rejection", "Rejected at", "Abgelehnt am"),
    OwnField(
        "revops_rejection_rejected_by_role", _PERSON, "text", "rejection", "Rejected by", "Abgelehnt durch", length=40
    ),
    OwnField("revops_recycle_on", _PERSON, "date", "rejection", "Recycle on", "Wiedervorlage am"),
    OwnField("revops_handover_at", _PERSON, "datetime", "rejection", "Handed over at", "Übergeben am"),
    OwnField("revops_feedback_at", _PERSON, "datetime", "rejection", "Feedback at", "Rückmeldung am"),
    OwnField("revops_feedback_overdue", _PERSON, "bool", "rejection", "Feedback overdue", "Rückmeldung überfällig"),
)  # fmt: skip

_ATTRIBUTION = (
    OwnField("revops_first_channel", ("person",), "text", "attribution", "First channel", "Erster Kanal", length=100),
    OwnField(
        "revops_first_campaign", ("person",), "text", "attribution", "First campaign", "Erste Kampagne", length=255
    ),
    OwnField(
        "revops_sourced", ("deal",), "bool", "attribution", "Marketing-sourced", "Von Marketing gebracht", judged=True
    ),
    OwnField(
        "revops_sourced_evidence", ("deal",), "long_text", "attribution", "Evidence of «sourced»",
        "Nachweis der Herkunft", length=2000,
    ),
    OwnField("revops_attr_first_channel", _DEAL, "text", "attribution", "First channel", "Erster Kanal", length=100),
    OwnField("revops_attr_last_channel", _DEAL, "text", "attribution", "Last channel", "Letzter Kanal", length=100),
    OwnField(
        "revops_attr_top_campaign", _DEAL, "text", "attribution", "Top campaign", "Stärkste Kampagne", length=255
    ),
)  # fmt: skip

OBJECTION = OwnField(
    "revops_objection", _PERSON, "bool", "scoring", "Objection to marketing and profiling",
    "Widerspruch gegen Werbung und Profiling", writer="people",
)  # fmt: skip
"""Art. 21 GDPR (domain §9): set by people, and by the rejection reason «no consent»; it empties the score."""

SUMMARY = OwnField(
    "revops_attr_summary", _DEAL, "long_text", "attribution", "Attribution summary", "Attribution (Übersicht)",
    length=60_000,
)  # fmt: skip
"""HubSpot only, and only where custom objects are not available (domain §4.5)."""


def reason_fields(reasons: Reasons) -> tuple[OwnField, OwnField]:
    """The mandatory and the optional reason; a retired reason stays an option, so that old records stay readable."""
    options = tuple(Option(code, each.en, each.de, each.retired) for code, each in reasons.by_code.items())
    return (
        OwnField(
            "revops_rejection_reason", _PERSON, "picklist", "rejection", "Rejection reason", "Ablehnungsgrund",
            options, writer="people",
        ),
        OwnField(
            "revops_rejection_reason_2", _PERSON, "picklist", "rejection", "Second rejection reason",
            "Zweiter Ablehnungsgrund", options, writer="people",
        ),
    )  # fmt: skip


def sla_fields(clocks: Iterable[str]) -> tuple[OwnField, ...]:
    """Two fields for every clock of the service level agreement."""
    return tuple(
        OwnField(f"revops_sla_{clock}_{end}_at", _PERSON, "datetime", "lifecycle", f"SLA {clock}: {en}",
                 f"SLA {clock}: {de}")
        for clock in clocks
        for end, en, de in (("due", "due", "fällig"), ("breached", "breached", "verletzt"))
    )  # fmt: skip


def dictionary(agreement: Agreement) -> tuple[OwnField, ...]:
    """Every field that the rules in force need, in a fixed order."""
    found: list[OwnField] = []
    if agreement.scoring or agreement.rejection:
        found.append(OBJECTION if agreement.scoring else replace(OBJECTION, part="rejection"))
    if agreement.scoring:
        found += _SCORING
    if agreement.lifecycle:
        found += _LIFECYCLE
        found += sla_fields(sla.id for sla in agreement.lifecycle.sla)
    if agreement.rejection:
        found += reason_fields(agreement.rejection.reasons)
        found += _REJECTION
    if agreement.attribution:
        found += _ATTRIBUTION
    return tuple(found)


def every(agreement: Agreement) -> tuple[OwnField, ...]:
    """Every field that rules may need, those of the parts that are off too."""
    mine = (*dictionary(agreement), OBJECTION, *reason_fields(Reasons()))
    return (*mine, *_SCORING, *_LIFECYCLE, *_REJECTION, *_ATTRIBUTION)
