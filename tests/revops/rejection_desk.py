"""What the tests of the rejection loop share: the shipped rules, owners, a lead, and a store that can be killed."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from connector.project.mistakes import Mistakes
from connector.project.rules.rejection import compile_reasons, compile_rejection, read_reasons, read_rejection
from connector.project.yaml_lines import read_yaml
from connector.revops.calendars import Calendar, Calendars
from connector.revops.rejection import desk, step
from connector.revops.rejection_case import Case, Lead, Status, case_data, case_from
from connector.revops.rejection_effects import CloseTask, Escalate, OpenTask, Reapply, ReopenTask, Revert
from connector.revops.rejection_owners import SalesOwner

ROOT = Path(__file__).resolve().parents[2]
BERLIN = ZoneInfo("Europe/Berlin")

ANNA = SalesOwner("anna@example.com", "anna@example.com", manager="chef@example.com", team="team-sued")
BEN = SalesOwner("ben@example.com", "ben@example.com", team="team-sued")
CHEF = SalesOwner("chef@example.com", "chef@example.com", manager="boss@example.com")
BOSS = SalesOwner("boss@example.com", "boss@example.com")
LEFT = SalesOwner("left@example.com", "left@example.com", active=False, manager="chef@example.com")
INBOUND = SalesOwner("Inbound", None, queue=True)
MARKETER = SalesOwner("marketing@example.com", "marketing@example.com", sales=False)
OWNERS = (ANNA, BEN, CHEF, BOSS, LEFT, INBOUND, MARKETER)


def shipped():
    """The rules of the repository."""
    mistakes = Mistakes()
    found = {}
    for name in ("rejection_reasons", "rejection"):
        found[name], problems = read_yaml(ROOT / f"rules/{name}.yaml", f"rules/{name}.yaml")
        mistakes.take(problems)
    reasons = read_reasons(found["rejection_reasons"], mistakes)
    section = read_rejection(found["rejection"], reasons, mistakes)
    assert mistakes.sorted() == []
    return compile_rejection(section, compile_reasons(reasons), "de")


RULES = shipped()
FULL = replace(
    RULES,
    escalation=replace(
        RULES.escalation,
        head_of_sales="boss@example.com",
        teams={"team-sued": "leiter.sued@example.com"},
        queues={"Inbound": "leitung.inbound@example.com"},
    ),
)


def at(text):
    """`2026-11-23 10:00` on the clock in Berlin."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def a_desk(rules=FULL, owners=OWNERS, *, enforcement=None, escalation=None):
    """The desk of the tests; `enforcement` and `escalation` are settings to change."""
    rules = replace(
        rules,
        enforcement=replace(rules.enforcement, **(enforcement or {})),
        escalation=replace(rules.escalation, **(escalation or {})),
    )
    return desk(rules, owners, Calendars(Calendar()))


def a_lead(**facts):
    """A person in both CRMs, owned by Anna."""
    return Lead(**({"key": "p1", "records": {"hubspot": "501"}, "owner": "anna@example.com"} | facts))


def rejected(since, before="OPEN", value="UNQUALIFIED", *, ours=False):
    """A HubSpot status that was set to a rejection."""
    return {"hubspot": Status(value, at(since), before, ours)}


def kinds(effects):
    """The effects by their names."""
    return [type(each).__name__ for each in effects]


def only(effects, kind):
    """The one effect of a kind."""
    (found,) = [each for each in effects if isinstance(each, kind)]
    return found


class Office:
    """HubSpot, a store and a runner that may be killed between any two of their steps.

    The contract of `step` is kept as the engine keeps it: case and effects are stored in one go, then each effect
    is carried out and ticked off. `kill` raises at the n-th chance.
    """

    def __init__(self, desk_, lead):
        self.desk, self.lead = desk_, lead
        self.stored, self.outbox = None, {}
        self.tasks, self.status_log, self.escalations = {}, [], []
        self.decided = []  # every task and escalation that a stored step wanted
        self.chances = None

    def run(self, as_of, kill_at=None):
        """One run; gives False when it was killed."""
        self.chances = kill_at
        try:
            self._carry_out()
            case = case_from(self.stored) if self.stored else None
            case, effects = step(case, self.lead, self.desk, as_of)
            self._chance()
            self.stored = case_data(case) if case else None
            self.outbox |= {each.key: each for each in effects}
            self.decided += [each.key for each in effects if isinstance(each, OpenTask | Escalate)]
            self._chance()
            self._carry_out()
        except KeyboardInterrupt:
            return False
        return True

    def _carry_out(self):
        for key, effect in list(self.outbox.items()):
            self._chance()
            self._do(effect)
            self._chance()
            del self.outbox[key]

    def _chance(self):
        if self.chances is not None:
            if self.chances == 0:
                raise KeyboardInterrupt
            self.chances -= 1

    def _do(self, effect):
        now = self.lead.status.get("hubspot")
        if isinstance(effect, Revert):
            if now.value == effect.expected:
                self._write(Status(effect.status or None, now.since, None, ours=True))
        elif isinstance(effect, Reapply):
            if now.value != effect.status:
                self._write(Status(effect.status, now.since, now.value, ours=True))
        elif isinstance(effect, OpenTask):
            self.tasks.setdefault(effect.task, "open")  # a task with this marker is not made twice
        elif isinstance(effect, ReopenTask):
            self.tasks[effect.task] = "open"
        elif isinstance(effect, CloseTask):
            self.tasks[effect.task] = effect.outcome
        elif isinstance(effect, Escalate) and effect.key not in self.escalations:
            self.escalations.append(effect.key)

    def _write(self, status):
        self.status_log.append(status.value)
        self.lead = replace(self.lead, status={"hubspot": status})


def case_after(desk_, *moments):
    """The case and the effects after steps over `(lead, as_of)`."""
    case, everything = None, []
    for lead, as_of in moments:
        case, effects = step(case, lead, desk_, at(as_of))
        assert case is None or isinstance(case, Case)
        everything += effects
    return case, everything
