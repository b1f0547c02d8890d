"""An explanation in German or English, at most 2,000 characters (domain §1.6). It holds no addresses or subjects."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from connector.revops.scoring_config import Locale
from connector.revops.scoring_explained import Explanation, Line, Part

LONGEST = 2_000
"""Characters of the field `score_explanation` (domain §14)."""

_WORDS: dict[Locale, dict[str, str]] = {
    "de": {
        "today": "heute", "last today": "zuletzt heute", "ago": "vor {} T.", "last ago": "zuletzt vor {} T.",
        "silence": "mehr als {} T.", "cap": "höchstens {}", "group": "Obergrenze {}", "more": "{} weitere",
        "nothing": "nichts", "unknown": "unbekannt: {}", "untracked": "ohne Tracking-Signale",
        "future 1": "1 Ereignis in der Zukunft nicht gezählt", "future": "{} Ereignisse in der Zukunft nicht gezählt",
        "suppressed": "Gesperrt: {}", "no score": "Kein Scoring: {}", "outcome": "Ergebnis: {}",
        "held": "{} gehalten (Schwelle {})", "yes": "ja", "no": "nein",
        "cold": "kalt", "warm": "warm", "hot": "heiß",
        "objection": "Widerspruch", "erasure": "Löschung", "unsubscribed_all": "von allem abgemeldet",
        "hard_bounce": "Adresse unzustellbar", "competitor_domain": "Wettbewerber",
        "why fires": "", "why kept": "früher gesetzt", "why manual": "von Hand gesetzt", "why suppressed": "gesperrt",
        "why temperature": "Temperatur zu niedrig", "why idle": "keine positive Aktivität in der Frist",
        "why not_mql": "kein MQL", "why rules": "keine Regel erfüllt", "why off": "keine Regel eingeschaltet",
    },
    "en": {
        "today": "today", "last today": "last today", "ago": "{} d ago", "last ago": "last {} d ago",
        "silence": "more than {} d", "cap": "at most {}", "group": "Cap of {}", "more": "{} more",
        "nothing": "nothing", "unknown": "unknown: {}", "untracked": "without tracking signals",
        "future 1": "1 event in the future not counted", "future": "{} events in the future not counted",
        "suppressed": "Suppressed: {}", "no score": "No scoring: {}", "outcome": "Outcome: {}",
        "held": "{} held (threshold {})", "yes": "yes", "no": "no",
        "cold": "cold", "warm": "warm", "hot": "hot",
        "objection": "objection", "erasure": "erasure", "unsubscribed_all": "unsubscribed from all",
        "hard_bounce": "address bounces", "competitor_domain": "competitor",
        "why fires": "", "why kept": "set earlier", "why manual": "set by hand", "why suppressed": "suppressed",
        "why temperature": "temperature too low", "why idle": "no positive activity within the limit",
        "why not_mql": "not an MQL", "why rules": "no rule met", "why off": "no rule switched on",
    },
}  # fmt: skip


def render(explanation: Explanation, locale: Locale) -> str:
    """The explanation in words.

    When it would be too long, the smallest components at the end of a part are told as one, so that the sums
    still add up.
    """
    most = max((len(part.lines) for part in (explanation.fit, explanation.engagement) if part), default=0)
    text = _whole(explanation, locale, most)
    while len(text) > LONGEST and most > 0:
        most -= 1
        text = _whole(explanation, locale, most)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _whole(explanation: Explanation, locale: Locale, most: int) -> str:
    words = _WORDS[locale]
    told = []
    if explanation.fit is not None:
        unknown = ", ".join(getattr(each, locale) for each in explanation.unknown)
        notes = [words["unknown"].format(unknown)] if unknown else []
        told.append(_part("Fit", explanation.fit, notes, locale, most))
    if explanation.engagement is not None:
        told.append(_part("Engagement", explanation.engagement, _event_notes(explanation, words), locale, most))
    if explanation.suppressed:
        names = ", ".join(words[each] for each in explanation.suppressed)
        told.append(words["no score" if explanation.fit is None else "suppressed"].format(names))
    told.append(words["outcome"].format(_outcome(explanation, locale)))
    return "\n".join(told)


def _event_notes(explanation: Explanation, words: dict[str, str]) -> list[str]:
    notes = [] if explanation.tracked else [words["untracked"]]
    if explanation.future:
        key = "future 1" if explanation.future == 1 else "future"
        notes.append(words[key].format(explanation.future))
    return notes


def _part(name: str, part: Part, notes: Sequence[str], locale: Locale, most: int) -> str:
    words = _WORDS[locale]
    lines = [_line(each, locale) for each in part.lines[:most]]
    rest = part.lines[most:]
    if rest:
        told = words["more"].format(len(rest))
        lines.append(f"{_signed(sum((each.shown for each in rest), Decimal(0)), locale)} {told}")
    listed = "; ".join([*(lines or [words["nothing"]]), *notes])
    return f"{name} {part.score} ({_number(part.total, locale)}): {listed}"


def _line(line: Line, locale: Locale) -> str:
    words = _WORDS[locale]
    label = getattr(line.label, locale)
    if line.kind == "group":
        label = words["group"].format(label)
    detail = "; ".join(each for each in (_detail(line, words), _cap(line, locale)) if each)
    return f"{_signed(line.shown, locale)} {label}" + (f" ({detail})" if detail else "")


def _detail(line: Line, words: dict[str, str]) -> str:
    if line.kind == "silence":
        return words["silence"].format(line.newest)
    if line.kind != "event":
        return line.detail
    last = "last " if line.last else ""
    when = words[f"{last}ago"].format(line.newest) if line.newest else words[f"{last}today"]
    return f"{line.count}×, {when}"  # noqa: RUF001  (the sign that the specification prints)


def _cap(line: Line, locale: Locale) -> str:
    return _WORDS[locale]["cap"].format(_short(line.cap, locale)) if line.cap is not None else ""


def _outcome(explanation: Explanation, locale: Locale) -> str:
    words = _WORDS[locale]
    temperature = words[explanation.temperature]
    told = [temperature]
    if explanation.fit_grade is not None:
        told = [f"{explanation.fit_grade} × {explanation.engagement_level} = {temperature}"]  # noqa: RUF001  (as above)
    if explanation.suppressed:
        told = [temperature]
    told += [words["held"].format(name, threshold) for name, threshold in explanation.held]
    for name, decision in (("MQL", explanation.mql), ("SQL", explanation.sql)):
        rule = "" if decision.rule in {None, "manual"} else str(decision.rule)
        why = ", ".join(each for each in (rule, words[f"why {decision.why}"]) if each)
        told.append(f"{name} {words['yes' if decision.met else 'no']}" + (f" ({why})" if why else ""))
    told += [f"{getattr(label, locale)} {grade or '–'}" for label, grade in explanation.graded]  # noqa: RUF001  (a dash)
    return "; ".join(told)


def _number(value: Decimal, locale: Locale) -> str:
    text = f"{abs(value):.2f}"
    return ("−" if value < 0 else "") + (text.replace(".", ",") if locale == "de" else text)  # noqa: RUF001  (a minus)


def _signed(value: Decimal, locale: Locale) -> str:
    return ("" if value < 0 else "+") + _number(value, locale)


def _short(value: Decimal, locale: Locale) -> str:
    text = format(abs(value).normalize(), "f")
    return ("−" if value < 0 else "") + (text.replace(".", ",") if locale == "de" else text)  # noqa: RUF001  (a minus)
