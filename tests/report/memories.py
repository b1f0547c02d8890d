"""A project whose store remembers hand-overs, and the commands that report about them."""

from datetime import UTC, datetime

from desk import run
from rejection_desk import at

from connector.engine.council import keep_counts
from connector.engine.derive.memory import Memory, to_body
from connector.engine.derive.rules import BEGAN
from connector.engine.seams import Seams, Work
from connector.engine.state_of import state_of
from connector.project import init, load
from connector.revops.council_memory import FACTS, Handed, Won
from connector.revops.lifecycle_journey import Journey, Past

CANARY = "c4nary"
AS_OF = ("--as-of", "2026-11-23T10:00:00+01:00")


LEAN = {"calendars.yaml", "rejection.yaml", "rejection_reasons.yaml"}
"""The rules that the council needs; reading the others takes most of a command's time."""


def a_project(folder, settings="", *, began="2026-01-01T00:00:00+00:00", lean=False):
    """A project as `init` makes it, whose CRMs nobody can reach; its rules were applied before."""
    init(folder)
    for path in (folder / "rules").glob("*.yaml") if lean else ():
        if path.name not in LEAN:
            path.unlink()
    (folder / "connector.yaml").write_text(
        "hubspot: {url: 'http://127.0.0.1:9', auth: {token_file: secrets/hubspot}}\n"
        f"salesforce: {{url: 'http://127.0.0.1:9', auth: {{session_file: secrets/salesforce}}}}\n{settings}\n"
    )
    if began:
        with state_of(load(folder)) as store:
            store.put(BEGAN, began)
    return folder


def remember(folder, *memories):
    """Put memories into the project's store, each under its id."""
    with state_of(load(folder)) as store:
        store.standings.put("person", [(each.id, to_body(each), None) for each in memories])


def erase(folder, *keys):
    """What a run does when a CRM says that persons were erased."""
    project = load(folder)
    seams = Seams(clock=lambda: at("2026-11-20 10:00"), new_id=str, pause=lambda _seconds: None)
    with state_of(project) as store:
        for key in keys:
            keep_counts(Work(project, store, {}, seams, "run-1"), [key])


def memory(row, **more):
    """What the engine remembers of a person with this one hand-over."""
    facts = {name: value for name in FACTS if (value := getattr(row, name)) not in (None, ())}
    handed = Handed(
        cycle=row.cycle,
        at=row.handover_at,
        facts={name: list(value) if name == "components" else value for name, value in facts.items()},
        due_at=row.due_at,
        worked=row.worked,
        feedback_at=row.feedback_at,
        disposition=row.disposition,
        reason=row.reason,
        unexplained=row.unexplained,
    )
    journey = None
    if row.recycled_at:
        journey = Journey(cycle=row.cycle + 1, past=(Past(row.cycle, {}, row.recycled_at, row.reason or ""),))
    records = dict(each.split(":") for each in row.records)
    name = f"{row.person}@{CANARY}.example"  # as the field it was told by might hold it
    return Memory(
        row.person, journey=journey, handovers=(handed,), records=records, wrote={"revops_rejection_comment": name},
        **more,
    )  # fmt: skip


def won(deal, closed_at, **facts):
    """A won deal."""
    return Won(deal, closed_at, (f"hubspot:{deal}",), **({"hot": False} | facts))


def report(folder, name, *arguments):
    """Run a report command."""
    return run(folder, "report", name, *arguments)


def moment(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
