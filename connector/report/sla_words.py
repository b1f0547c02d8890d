"""The words of the written agreement between marketing and sales, in German and English."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from connector.report.council_sheet import Cell
from connector.revops.rejection_reasons import Locale
from connector.revops.scoring_config import Label

_WORDS: dict[str, tuple[str, str]] = {
    # titles
    "title": ("Vereinbarung zwischen Marketing und Vertrieb", "Agreement between marketing and sales"),
    "stages": ("Stufen", "Stages"),
    "downs": ("Wege zurück", "Ways down"),
    "mql": ("Wann ein Lead ein MQL ist", "When a lead is an MQL"),
    "sql": ("Wann ein MQL ein SQL ist", "When an MQL is an SQL"),
    "criteria": ("Kriterien", "Criteria"),
    "matrix": ("Temperatur nach Fit und Engagement", "Temperature by fit and engagement"),
    "fit": ("Punkte für Fit", "Points for fit"),
    "engagement": ("Punkte für Engagement", "Points for engagement"),
    "sla": ("Zusagen und Fristen", "Promises and time limits"),
    "rejection": ("Ablehnung", "Rejection"),
    "reasons": ("Ablehnungsgründe", "Reasons for a rejection"),
    "calendar": ("Arbeitszeit", "Working time"),
    "signatures": ("Unterschriften", "Signatures"),
    # heads
    "version": ("Version", "Version"),
    "as_of": ("Stand", "As of"),
    "stage": ("Stufe", "Stage"),
    "rule": ("Regel", "Rule"),
    "means": ("Bedeutung", "Means"),
    "criterion": ("Kriterium", "Criterion"),
    "feature": ("Merkmal", "Feature"),
    "signal": ("Signal", "Signal"),
    "points": ("Punkte", "Points"),
    "half_life": ("Halbwertszeit", "Half-life"),
    "most": ("höchstens", "at most"),
    "window": ("zählt", "counts for"),
    "promise": ("Zusage", "Promise"),
    "start": ("Beginn", "Starts with"),
    "stop": ("Ende", "Ends with"),
    "target": ("Frist", "Time limit"),
    "hears": ("erfährt davon", "hears of it"),
    "reason": ("Grund", "Reason"),
    "category": ("Kategorie", "Category"),
    "comes_back": ("Wiedervorlage", "Comes back"),
    "besides": ("außerdem", "besides"),
    "what": ("Was", "What"),
    "agreed": ("Vereinbart", "Agreed"),
    "for": ("Für", "For"),
    "name": ("Name", "Name"),
    "date": ("Datum", "Date"),
    "signature": ("Unterschrift", "Signature"),
    # names of codes
    "subscriber": ("Abonnent", "Subscriber"),
    "lead": ("Lead", "Lead"),
    "opportunity": ("Verkaufschance", "Opportunity"),
    "customer": ("Kunde", "Customer"),
    "evangelist": ("Fürsprecher", "Evangelist"),
    "cold": ("kalt", "cold"),
    "warm": ("warm", "warm"),
    "hot": ("heiß", "hot"),
    "objection": ("Widerspruch gegen Profiling", "objection to profiling"),
    "erasure": ("Löschung", "erasure"),
    "unsubscribed_all": ("von allem abgemeldet", "unsubscribed from all"),
    "hard_bounce": ("Adresse unzustellbar", "address bounces"),
    "competitor_domain": ("Wettbewerber", "competitor"),
    "handover": ("Übergabe an den Vertrieb", "hand-over to sales"),
    "demo_request": ("Demo-Anfrage", "demo request"),
    "contact_form": ("Kontaktformular", "contact form"),
    "rejection_": ("Ablehnung mit Grund", "rejection with a reason"),
    "disposition": ("jede Rückmeldung des Vertriebs", "any answer of sales"),
    "first_sales_activity": ("erste Aktivität des Vertriebs", "first activity of sales"),
    "conversion": ("Umwandlung des Leads", "conversion of the lead"),
    "elapsed": ("jede Stunde zählt", "every hour counts"),
    "working_days": ("24 Stunden je Arbeitstag", "24 hours of every working day"),
    "business_hours": ("nur Öffnungszeiten", "opening hours only"),
    "manager": ("Führungskraft", "manager"),
    "head_of_sales": ("Vertriebsleitung", "head of sales"),
    "reassign": ("der Lead geht an eine Vertretung", "the lead goes to somebody else"),
    "missing": ("fehlt", "missing"),
    "present": ("vorhanden", "present"),
    "no": ("nein", "no"),
    "none": ("\u2013", "\u2013"),
    "marketing": ("Marketing", "Marketing"),
    "sales": ("Vertrieb", "Sales"),
    # sentences
    "acceptance": ("Annahme", "Acceptance"),
    "first_response": ("Erste Reaktion", "First response"),
    "lead_status": ("Lead-Status {}", "lead status {}"),
    "temperature": ("Temperatur", "Temperature"),
    "active": ("Aktivität", "Activity"),
    "engaged": (
        "ein Ereignis mit Pluspunkten in den letzten {} Tagen",
        "an event with positive points within the last {} days",
    ),
    "left_out": ("Ausgenommen", "Left out"),
    "or": ("oder", "or"),
    "from": ("ab {}", "from {}"),
    "within": ("{} in den letzten {} Tagen", "{} within the last {} days"),
    "bant_positive": ("Kriterien und Aktivität", "Criteria and activity"),
    "bant_positive_means": (
        "mindestens {} von {} mit Note {}; dazu {} in den letzten {} Tagen",
        "at least {} of {} with grade {}; and {} within the last {} days",
    ),
    "or_better": ("B oder besser", "B or better"),
    "bant_grades": ("Noten", "Grades"),
    "bant_grades_means": (
        "mindestens {} \u00d7 A und {} \u00d7 A oder B unter {}",
        "at least {} \u00d7 A and {} \u00d7 A or B among {}",
    ),
    "combine": ("Mehrere Regeln", "Several rules"),
    "any": ("es genügt eine", "one of them is enough"),
    "all": ("alle müssen erfüllt sein", "all must be met"),
    "by_hand": ("Von Hand", "By hand"),
    "by_hand_means": ("Wer von Hand SQL wird, bleibt es.", "Whoever is made an SQL by hand stays one."),
    "recycle": ("abgelehnt, Grund kann sich ändern", "rejected for a reason that may change"),
    "opportunity_lost": ("alle Verkaufschancen verloren", "all opportunities lost"),
    "customer_churned": ("Kunde verloren", "customer lost"),
    "days": ("{} Tage", "{} days"),
    "after_days": ("nach {} Tagen", "after {} days"),
    "back_to": ("zurück auf {}", "back to {}"),
    "back_to_after": (
        "zurück auf {}; frühestens {} wieder MQL, wenn der Grund nichts anderes sagt",
        "back to {}; an MQL again {} at the earliest, unless the reason says otherwise",
    ),
    "former": ("bleibt {}, gekennzeichnet als ehemalig", "stays {}, marked as former"),
    "by_marketing": ("SQLs vom Marketing", "SQLs by marketing"),
    "per_quarter": ("mindestens {} je Quartal", "at least {} per quarter"),
    "in_salesforce": ("In Salesforce", "In Salesforce"),
    "in_hubspot": ("In HubSpot", "In HubSpot"),
    "validation_rule": (
        "Eine Ablehnung ohne Grund wird nicht gespeichert.",
        "A rejection without a reason is not saved.",
    ),
    "revert": (
        "Eine Ablehnung ohne Grund wird zurückgenommen; mit dem Grund gilt sie wieder.",
        "A rejection without a reason is taken back; with the reason it holds again.",
    ),
    "flag": (
        "Eine Ablehnung ohne Grund bleibt stehen; es wird nach dem Grund gefragt.",
        "A rejection without a reason stands; the reason is asked for.",
    ),
    "off": ("Nach einem Grund wird nicht gefragt.", "No reason is asked for."),
    "grace": ("Zeit, den Grund nachzutragen", "Time to give the reason"),
    "feedback": ("Rückmeldung nach der Übergabe", "Answer after the hand-over"),
    "level": ("Stufe {} nach {}", "Level {} after {}"),
    "council": ("Lead Council", "Lead council"),
    "council_means": ("monatlich, ab dem {}. des Folgemonats", "every month, from day {} of the next one"),
    "other_means": (
        "«Sonstiges» bei mehr als {} der Ablehnungen: Gründe nachschärfen",
        "«other» for more than {} of the rejections: sharpen the reasons",
    ),
    "other": ("Sonstiges", "Other"),
    "comment": ("Kommentar ab {} Zeichen", "a comment of at least {} characters"),
    "merge": ("Datensätze zusammenführen", "merge the records"),
    "suppress": ("keine Werbung mehr", "no more marketing"),
    "time_zone": ("Zeitzone", "Time zone"),
    "hours": ("Öffnungszeiten", "Opening hours"),
    "holidays": ("Feiertage", "Holidays"),
    "by_law": ("gesetzliche in {}", "legal ones in {}"),
    "closed": ("Geschlossen", "Closed"),
    "half_days": ("Andere Zeiten", "Other hours"),
    "unopened": ("geschlossen", "closed"),
    "source_note": (
        "Dies sind die Regeln, nach denen revloop arbeitet (Ordner rules/); ändert sich eine, ändert sich die Version.",
        "These are the rules that revloop works by (folder rules/); when one changes, the version changes.",
    ),
    "unit_note": (
        "Eine Frist läuft nicht, solange der Lead einer Warteschlange gehört.",
        "A time limit does not run while a queue owns the lead.",
    ),
}

_DAYS = (("Mo", "Mon"), ("Di", "Tue"), ("Mi", "Wed"), ("Do", "Thu"), ("Fr", "Fri"), ("Sa", "Sat"), ("So", "Sun"))
_SHORT = frozenset({"mql", "sal", "sql"})


class Words:
    """The words of one language."""

    def __init__(self, locale: Locale) -> None:
        self.locale: Locale = locale
        self._place = 0 if locale == "de" else 1

    def of(self, key: str, *facts: object) -> str:
        """A word or sentence with its facts; what is not known is shown as it is."""
        found = _WORDS.get(key)
        return (found[self._place] if found else key).format(*facts)

    def stage(self, stage: str) -> str:
        """A stage's name."""
        return stage.upper() if stage in _SHORT else self.of(stage)

    def what(self, kind: str) -> str:
        """What starts or stops a clock."""
        return kind.upper() if kind in _SHORT else self.of("rejection_" if kind == "rejection" else kind)

    def either(self, names: Iterable[str]) -> str:
        """`warm oder heiß`."""
        *first, last = list(names) or [self.of("none")]
        return f"{', '.join(first)} {self.of('or')} {last}" if first else last

    def label(self, label: Label) -> str:
        """A rule's own name."""
        return label.de if self.locale == "de" else label.en

    def weekday(self, number: int) -> str:
        """`Mo` for 0."""
        return _DAYS[number][self._place]


def span(length: timedelta) -> str:
    """`48 h` or `30 min`."""
    minutes = length // timedelta(minutes=1)
    return f"{minutes // 60}\u202fh" if minutes % 60 == 0 else f"{minutes}\u202fmin"


def points(number: Decimal | int) -> str:
    """A number without needless zeros, and with a real minus."""
    return f"{Decimal(number).normalize():f}".replace("-", "\u2212")


def told(*texts: str) -> tuple[Cell, ...]:
    """Cells of text."""
    return tuple(Cell(text, prose=True) for text in texts)
