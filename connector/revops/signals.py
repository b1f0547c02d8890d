"""What activities mean: which form is a demo request, which campaign status is an attended webinar.

An activity's meaning is a *signal*, the word that `event:` of a scoring rule and `start:` of a clock name. Reading the
file is `project/rules/signals`; which persons get points for a signal is `scoring`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from connector.model import Activity, ActivitySource

SPEAKING: tuple[ActivitySource, ...] = ("page_view", "email_click", "email_open")
"""Sources whose activities mean themselves: no signal is asked."""

PageSource = Literal["events", "last_url", "off"]


@dataclass(frozen=True, slots=True)
class Signal:
    """The activities of one source that mean `means`.

    `name` fits the form's, campaign's or meeting's name (folded case, `*` for anything), `type` a campaign's type,
    `status` a campaign member's status or a meeting's outcome; an empty one fits everything.
    """

    source: ActivitySource
    means: str
    name: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    status: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signals:
    """All of `rules/signals.yaml`; the first signal that fits an activity gives its meaning.

    `pages` says where page views come from: the events API (Enterprise), the contact's last visited page, or nowhere.
    A page view, a click and an open mean themselves. `keep_days`: older activities are neither read nor kept.
    """

    signals: tuple[Signal, ...] = ()
    pages: PageSource = "events"
    keep_days: int = 760

    def given(self) -> frozenset[str]:
        """Every meaning that an activity can have."""
        speaking = {source for source in SPEAKING if source != "page_view" or self.pages != "off"}
        return frozenset({*speaking, *(signal.means for signal in self.signals)})


class Facts(NamedTuple):
    """Where an activity's raw fields hold what a signal looks at; a path with a dot leads into a nested record."""

    name: str
    type: str | None = None
    status: str | None = None


FACTS: Mapping[ActivitySource, Facts] = {
    "form": Facts("title"),
    "meeting": Facts("hs_meeting_title", status="hs_meeting_outcome"),
    "call": Facts("hs_call_title", status="hs_call_status"),
    "campaign_member": Facts("Campaign.Name", "Campaign.Type", "Status"),
    "task": Facts("Subject", status="Status"),
    "event": Facts("Subject"),
}
"""The sources that signals speak of; the fields are those of the vendors, and the form's name beside its submission."""

Meaning = Callable[[Activity], str | None]


def meaning(signals: Signals, activity: Activity) -> str | None:
    """What an activity means: itself, or what the first signal that fits says; None where nothing fits."""
    return compile_signals(signals)(activity)


@lru_cache(maxsize=8)
def compile_signals(signals: Signals) -> Meaning:
    """`meaning` for many activities; the same signals are compiled once."""
    by_source: dict[ActivitySource, list[tuple[Callable[[str, str, str], bool], str]]] = {}
    for signal in signals.signals:
        by_source.setdefault(signal.source, []).append((_test(signal), signal.means))
    given = signals.given()

    def of(activity: Activity) -> str | None:
        source, fields = activity.source, activity.fields
        if source in SPEAKING:
            return source if source in given else None
        facts = FACTS[source]
        name, type_, status = _at(fields, facts.name), _at(fields, facts.type), _at(fields, facts.status)
        return next((means for fits, means in by_source.get(source, ()) if fits(name, type_, status)), None)

    return of


def _test(signal: Signal) -> Callable[[str, str, str], bool]:
    name, type_, status = _words(signal.name), _words(signal.type), _words(signal.status)
    return lambda its_name, its_type, its_status: name(its_name) and type_(its_type) and status(its_status)


def _words(accepted: tuple[str, ...]) -> Callable[[str], bool]:
    """Whether a folded word is one of `accepted`, in which `*` stands for anything; none of them accepts all."""
    if not accepted:
        return lambda _word: True
    patterns = (".*".join(map(re.escape, _folded(each).split("*"))) for each in accepted)
    fits = re.compile("|".join(patterns), re.DOTALL).fullmatch
    return lambda word: fits(word) is not None


def _at(fields: Mapping[str, Any], path: str | None) -> str:
    """A raw field as folded text, empty where there is none."""
    if path is None:
        return ""
    outer, dot, inner = path.partition(".")
    value = fields.get(path)
    if value is None and dot and isinstance(fields.get(outer), Mapping):
        value = fields[outer].get(inner)
    return _folded(str(value)) if value is not None else ""


def _folded(text: str) -> str:
    """Capitals and spaces do not matter."""
    return " ".join(text.casefold().split())
