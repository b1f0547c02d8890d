"""What the rules as they are now say of deals, from the state alone: one deal, or all of a period.

No CRM is asked and nothing is written. The records are those that the last run has read, and touches that HubSpot or
Salesforce no longer tell of are remembered by the rows that were written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from connector.engine.derive.credits import Attributed
from connector.engine.derive.deals import Deals, Facts
from connector.engine.derive.people import People
from connector.engine.derive.rates import ReportingRates
from connector.engine.derive.touches import Touches
from connector.engine.derive.units import Unit, Units
from connector.engine.derive.which import Which
from connector.engine.people import Owners
from connector.engine.seams import Seams, Work
from connector.engine.shape import Shapes
from connector.errors import SettingsError
from connector.model import Side
from connector.project import Project
from connector.revops.attribution import Attributor
from connector.revops.attribution_collect import Collected
from connector.revops.attribution_config import MODELS
from connector.revops.attribution_time import local_day
from connector.revops.attribution_totals import ChannelTotals, Totals
from connector.revops.attribution_touch import Touch
from connector.state.store import Store


@dataclass(slots=True)
class LeftOut:
    """Touches that happened and do not count, and why."""

    without_consent: int = 0
    future: int = 0
    robot_clicks: int = 0
    same_visit: int = 0

    def add(self, collected: Collected) -> None:
        """Count those of one person."""
        self.without_consent += collected.without_consent
        self.future += collected.future
        self.robot_clicks += collected.robot_clicks
        self.same_visit += collected.same_visit


@dataclass(frozen=True, slots=True)
class OneDeal:
    """A deal with its attribution."""

    attributed: Attributed
    left_out: LeftOut


@dataclass(frozen=True, slots=True)
class Whole:
    """All closed deals of a period: what each channel brought, and how many there were."""

    totals: ChannelTotals
    won: int
    lost: int
    undated: int


class AttributionView:
    """The deals of a project over its state, as of an instant, under all nine models.

    Raises:
        SettingsError: no rules of attribution are in force.
    """

    def __init__(self, project: Project, store: Store, as_of: datetime) -> None:
        config = project.agreement.attribution
        if config is None:
            raise SettingsError(
                "no rules of attribution are in force: add rules/attribution.yaml (`revloop init` writes it), "
                "or switch `rules: {attribution: on}` in connector.yaml"
            )
        self._as_of, self._config = as_of, replace(config, models=MODELS)
        seams = Seams(clock=lambda: as_of, new_id=lambda kind: kind, pause=lambda _seconds: None)
        work, owners = Work(project, store, {}, seams, ""), Owners({})
        self._units = Units(work, Shapes(project.mappings, project.settings.time_zone), owners, "")
        self._which = Which(work, self._units, 0, as_of, everyone=True)
        people = People(work, self._units, owners)
        facts = Facts(work, self._config, ReportingRates(work, self._config))
        self._deals = Deals(work, self._units, people, self._config, facts)
        self._touches = Touches(work, self._config, as_of)
        self._attributor = Attributor(self._config)

    def deal(self, side: Side, record: str) -> OneDeal | None:
        """One deal by the id of a record; None where it is unknown, gone, or has no date of creation."""
        return next(self._of(self._units.of_records("deal", side, [record])), None)

    def whole(self, first: date | None = None, last: date | None = None) -> Whole:
        """All deals closed between two days, both included; no day is no bound."""
        totals, won, lost, undated = Totals(self._config), 0, 0, 0
        for units in self._which.of("deal"):
            for each in self._of(units):
                deal = each.attributed.result.deal
                if deal.outcome != "open" and deal.closed is None:
                    undated += 1
                if deal.closed is None or not self._within(deal.closed, first, last):
                    continue
                won, lost = won + (deal.outcome == "won"), lost + (deal.outcome == "lost")
                totals.add(each.attributed.result)
        return Whole(totals.close(), won, lost, undated)

    def _within(self, closed: int, first: date | None, last: date | None) -> bool:
        day = local_day(closed, self._config.time_zone)
        return (first is None or day >= first) and (last is None or day <= last)

    def _of(self, units: Sequence[Unit]) -> Iterator[OneDeal]:
        cases = self._deals.load(units, "")
        persons = {person.key: person for case in cases for person in case.persons}
        touched = self._touches.of(list(persons.values()))
        for case in cases:
            if case.deal is None:
                continue
            touches, left_out = list[Touch](), LeftOut()
            for person in case.persons:
                touches += touched[person.key].touches
                left_out.add(touched[person.key].collected)
            result = self._attributor.attribute(case.deal, touches, self._as_of)
            yield OneDeal(Attributed(case, result), left_out)
