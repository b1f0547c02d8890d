"""The words of the lead council and the marketing feed, in German and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from connector.revops.rejection_reasons import Locale, Reasons

_WORDS: dict[str, tuple[str, str]] = {
    # titles
    "council": ("Lead Council", "Lead council"),
    "marketing_feed": ("Rückmeldung an das Marketing", "Marketing feed"),
    "headline": ("Überblick", "Overview"),
    "categories": ("Ablehnungen nach Kategorie", "Rejections by category"),
    "reasons": ("Ablehnungen nach Grund", "Rejections by reason"),
    "top_reasons": ("Häufigste Gründe", "Top reasons"),
    "source": ("Nach Quelle", "By source"),
    "campaign": ("Nach Kampagne", "By campaign"),
    "band": ("Nach Score-Band", "By score band"),
    "temperature": ("Nach Temperatur", "By temperature"),
    "components": (
        "SQL-Regel griff, Vertrieb lehnte ab: nach Bestandteil",
        "SQL rule fired, sales rejected: by component",
    ),
    "durations": ("Dauer von Stufe zu Stufe", "Durations from stage to stage"),
    "promise": ("Was Marketing zugesagt hat", "What marketing promised"),
    "campaigns": ("Kampagnen", "Campaigns"),
    "campaign_reasons": ("Kampagne und Grund", "Campaign and reason"),
    "suppress_industry": ("Ausschluss: Branchen", "Leave out: industries"),
    "suppress_country": ("Ausschluss: Länder", "Leave out: countries"),
    "suppress_company_size": ("Ausschluss: Unternehmensgrößen", "Leave out: company sizes"),
    "proposals": ("Vorgeschlagene Schwellen", "Proposed thresholds"),
    "decisions": ("Beschlüsse", "Decisions"),
    "records": ("Datensätze hinter den Zahlen", "Records behind the figures"),
    # figures and columns
    "handed_over": ("Übergeben", "Handed over"),
    "accepted": ("Angenommen", "Accepted"),
    "rejected": ("Abgelehnt", "Rejected"),
    "open": ("Offen", "Open"),
    "overdue": ("davon überfällig", "of which overdue"),
    "acceptance_rate": ("Annahmequote", "Acceptance rate"),
    "rejection_rate": ("Ablehnungsquote", "Rejection rate"),
    "disposition_rate": ("Rückmeldequote", "Disposition rate"),
    "feedback_in_time": ("Rückmeldung fristgerecht", "Feedback in time"),
    "feedback_median": ("Rückmeldung, Median", "Feedback, median"),
    "reason_completeness": ("Ablehnungen mit Grund", "Rejections with a reason"),
    "bant_share": ("BANT-Anteil", "BANT share"),
    "data_quality_share": ("Anteil Datenqualität", "Data quality share"),
    "other_share": ("Anteil Sonstiges", "Share of other"),
    "recycled": ("In die Wiedervorlage", "Recycled"),
    "recycled_won": ("davon später gewonnen", "of which won later"),
    "false_positives": ("SQL-Regel griff, abgelehnt", "SQL rule fired, rejected"),
    "false_negatives": ("Gewonnen, nie heiß", "Won, never hot"),
    "false_negative_share": ("Gewonnen, nie heiß (Anteil)", "Won, never hot (share)"),
    "cost_low": ("Kosten mindestens", "Cost at least"),
    "cost_high": ("Kosten höchstens", "Cost at most"),
    "decided": ("Beantwortet", "Answered"),
    "fired": ("Griff bei", "Fired for"),
    "rate": ("Ablehnungsquote", "Rejection rate"),
    "share": ("Anteil an Ablehnungen", "Share of rejections"),
    "delta": ("Änderung", "Change"),
    "delta_share": ("Änderung des Anteils", "Change of share"),
    "steps": ("Anzahl", "Number"),
    "median": ("Median", "Median"),
    "p90": ("90. Perzentil", "90th percentile"),
    "promised": ("Zugesagte SQLs", "SQLs promised"),
    "delivered": ("Gelieferte SQLs", "SQLs delivered"),
    "kept": ("Anteil der Zusage", "Share of the promise"),
    "spared": ("ersparte Ablehnungen", "rejections spared"),
    "acceptance_below": ("Annahmequote darunter", "acceptance rate below"),
    "evidence_won_below": ("gewonnene Deals darunter", "won deals below"),
    "key": ("", ""),
    "reason": ("Grund", "Reason"),
    "figure": ("Kennzahl", "Figure"),
    "value": ("Wert", "Value"),
    "unit": ("Einheit", "Unit"),
    "section": ("Abschnitt", "Section"),
    "row": ("Zeile", "Row"),
    "threshold": ("Schwelle", "Threshold"),
    "now": ("jetzt", "now"),
    "then": ("Vorschlag", "proposed"),
    "evidence": ("Beleg", "Evidence"),
    "decision": ("Beschluss", "Decision"),
    "responsible": ("Verantwortlich", "Responsible"),
    "until": ("Bis", "Until"),
    "grade": ("Fit-Note", "Fit grade"),
    "level": ("Engagement-Stufe", "Engagement level"),
    # values
    "budget": ("Budget", "Budget"),
    "authority": ("Entscheidungsbefugnis", "Authority"),
    "need": ("Bedarf", "Need"),
    "timeline": ("Zeitplan", "Timeline"),
    "fit": ("Passung", "Fit"),
    "data_quality": ("Datenqualität", "Data quality"),
    "engagement": ("Engagement", "Engagement"),
    "compliance": ("Recht", "Compliance"),
    "other": ("Sonstiges", "Other"),
    "cold": ("kalt", "cold"),
    "warm": ("warm", "warm"),
    "hot": ("heiß", "hot"),
    "ORGANIC_SEARCH": ("Organische Suche", "Organic search"),
    "PAID_SEARCH": ("Bezahlte Suche", "Paid search"),
    "EMAIL_MARKETING": ("E-Mail", "E-mail"),
    "SOCIAL_MEDIA": ("Soziale Medien", "Social media"),
    "PAID_SOCIAL": ("Bezahlte soziale Medien", "Paid social"),
    "REFERRALS": ("Verweise", "Referrals"),
    "DIRECT_TRAFFIC": ("Direkt", "Direct"),
    "OTHER_CAMPAIGNS": ("Andere Kampagnen", "Other campaigns"),
    "AI_REFERRALS": ("KI-Verweise", "AI referrals"),
    "OFFLINE": ("Offline", "Offline"),
    "mql_sal": ("MQL bis SAL", "MQL to SAL"),
    "sal_sql": ("SAL bis SQL", "SAL to SQL"),
    "sql_opportunity": ("SQL bis Verkaufschance", "SQL to opportunity"),
    "opportunity_customer": ("Verkaufschance bis Kunde", "Opportunity to customer"),
    "unknown": ("unbekannt", "unknown"),
    "none": ("k. A.", "n/a"),
    "warning": ("Achtung", "Warning"),
    "note": ("Hinweis", "Note"),
    "points": ("%-Punkte", "points"),
    # sentences
    "as_of": ("Stand", "As of"),
    "period": ("Übergaben im Zeitraum", "Hand-overs in"),
    "rules": ("Regeln", "Rules"),
    "to": (" bis ", " to "),
    "durations_of": ("Dauer", "Durations"),
    "ended_elapsed": (
        "Schritte, die im Zeitraum endeten; jede Stunde zählt",
        "steps that ended in the period; every hour counts",
    ),
    "ended_working_days": (
        "Schritte, die im Zeitraum endeten; 24 Stunden je Arbeitstag",
        "steps that ended in the period; 24 hours of every working day",
    ),
    "ended_business_hours": (
        "Schritte, die im Zeitraum endeten; nur Öffnungszeiten",
        "steps that ended in the period; opening hours only",
    ),
    "nothing": ("Keine Einträge.", "Nothing to show."),
    "small_note": (
        "<{min}: weniger als {min} Leads, nicht ausgewiesen. •: ausgeblendet, sonst wäre eine kleine Zahl errechenbar.",
        "<{min}: fewer than {min} leads, not shown. •: hidden, since a small number could be computed otherwise.",
    ),
    "cohort_note": (
        "Gezählt wird nach dem Zeitpunkt der Übergabe; spätere Rückmeldungen ändern frühere Berichte.",
        "Leads count in the period of their hand-over; later feedback restates earlier reports.",
    ),
    "promise_note": (
        "Zusage: wer im Geschäftsquartal SQL wurde, bis zum Stand dieses Berichts.",
        "Promise: who became an SQL in the fiscal quarter, as of this report.",
    ),
    "records_note": (
        "Intern: Dieser Bericht nennt Datensätze. Nicht weitergeben. Gelöschte Personen zählen mit, ohne Datensatz.",
        "Internal: this report names records. Do not pass it on. Erased persons are counted, without a record.",
    ),
    "warning_running": (
        "Der Zeitraum ist noch nicht zu Ende: Die Zahlen sind vorläufig.",
        "The period is not over yet: the figures are preliminary.",
    ),
    "warning_other_share": (
        "«Sonstiges» liegt über der Warnschwelle: Gründe im Council nachschärfen.",
        "«Other» is above its limit: sharpen the reasons in the council.",
    ),
    "rejected_below": (
        "Anheben: knapp darüber wird fast alles abgelehnt",
        "Raise: nearly everything just above it is rejected",
    ),
    "won_below": ("Senken: Deals wurden auch darunter gewonnen", "Lower: deals were won below it as well"),
}


def word(key: str, locale: Locale) -> str:
    """A word or sentence; what is not known is shown as it is."""
    found = _WORDS.get(key)
    return key if found is None else found[0 if locale == "de" else 1]


def threshold(id_: str, locale: Locale) -> str:
    """A threshold of the scoring rules by its id, `grade B` or `level E2`."""
    kind, _, which = id_.partition(" ")
    return f"{word(kind, locale)} {which}".strip()


@dataclass(frozen=True, slots=True)
class Names:
    """What stands before a line: a reason's label, a translated code, a rule's label, or the CRM's own value."""

    reasons: Reasons
    labels: Mapping[str, str]
    locale: Locale

    def of(self, table: str, key: str | None) -> str:
        """The name of a key of a table."""
        if key is None:
            return word("unknown", self.locale)
        if table == "reason":
            found = self.reasons.get(key)
            return found.label(self.locale) if found else key
        if table == "components":
            return self.labels.get(key, key)
        return word(key, self.locale) if table in _TRANSLATED else key


NO_LABELS: Mapping[str, str] = MappingProxyType({})
_TRANSLATED = frozenset({"categories", "source", "temperature", "durations"})
