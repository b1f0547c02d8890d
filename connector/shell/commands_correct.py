"""The command that corrects a person's stage: the next run carries it out."""

from __future__ import annotations

from connector.engine.derive.correct import Corrections, Noted, asked
from connector.engine.derive.people import Person
from connector.engine.lease import leased
from connector.engine.seams import Seams
from connector.errors import SettingsError
from connector.model import SIDES
from connector.project import Project
from connector.report.find import find
from connector.report.names import Names
from connector.revops.lifecycle_claims import called
from connector.shell import outside
from connector.shell.asked import stored
from connector.shell.presence import present
from connector.shell.typed import Ask
from connector.state.store import Store


def correct(ask: Ask, record: str, *, to: str | None, churned: bool, reason: str) -> int:
    """Note a correction, while no run is going on: a run writes what it remembers over what stands there."""
    with stored(ask) as (project, store):
        config = project.agreement.lifecycle
        wanted = asked(config, to, reason, churned=churned)
        assert config is not None  # `asked` has refused it
        with present(project.state()) as alive:
            seams = Seams(outside.now, outside.new_id, lambda _seconds: None, alive=alive)
            with leased(store, seams.new_id("correct"), seams):
                corrections = Corrections(project, store, config, seams)
                noted = corrections.note(_person(project, store, corrections, record), wanted)
        named = Names(project, store).named("person", noted.records)
    ask.screen.say(str(named), "bold")
    for line in _told(noted):
        ask.screen.say(line)
    ask.screen.data(
        {
            "record": noted.records,
            "kind": wanted.kind,
            "stage": {"now": noted.before, "corrected": noted.corrected, "next_run": noted.after},
            "former": noted.former,
            "because": noted.because,
            "known": noted.known,
        }
    )
    return 0


def _person(project: Project, store: Store, corrections: Corrections, record: str) -> Person:
    """The one person that is meant."""
    subjects = [each for each in find(project, store, record) if each.object == "person"]
    if not subjects:
        raise SettingsError("this is no person: only persons have a stage to correct")
    found: dict[str, Person] = {}
    for subject in subjects:
        side = next(side for side in SIDES if subject.ids[side])
        person = corrections.person(side, subject.ids[side] or "")
        if person is not None:
            found[person.key] = person
    if not found:
        raise SettingsError("no record of this person is left")
    if len(found) > 1:
        raise SettingsError(f"{len(found)} persons fit: name one by its id", [_ids(each) for each in found.values()])
    return next(iter(found.values()))


def _ids(person: Person) -> str:
    return ", ".join(f"{side} {record}" for side in SIDES if (record := person.unit.record(side)))


def _told(noted: Noted) -> list[str]:
    """What was noted, what comes of it, and what to type."""
    first = "This is noted already and waits for the next run." if noted.known else "Noted."
    lines = [f"{first} The next run: {called(noted.before)} → {called(noted.corrected)}, in both CRMs."]
    if noted.former:
        lines = [f"{first} The next run marks the person as a former customer in both CRMs: {called(noted.corrected)}."]
    if noted.after != noted.corrected:
        lines.append(f"The rules raise the person again in the same run, to {called(noted.after)}: {noted.because}")
    return [*lines, "To see it: revloop plan. To do it: revloop sync"]
