"""The commands about the agreed rules: what they say of a person, and what a change in them would do."""

from __future__ import annotations

from connector.engine.cases.known import known_fields
from connector.engine.cases.run import run_case
from connector.engine.derive.preview import Preview
from connector.errors import SettingsError
from connector.model import SIDES
from connector.project import Project, load
from connector.project.case_file import read_cases
from connector.report.cases import cases_data, print_cases
from connector.report.find import Subject, find
from connector.report.names import Names
from connector.report.score import moves_data, print_moves, print_score, score_data
from connector.shell import log
from connector.shell.asked import instant, stored
from connector.shell.typed import Ask
from connector.state.store import Store


def score(ask: Ask, record: str | None, *, everybody: bool, as_of: str | None) -> int:
    """Explain one person's score, or show what the rules as they are now would move."""
    if (record is None) != everybody:
        raise SettingsError("name one person (an id or an e-mail address), or type --all for everybody")
    with stored(ask) as (project, store):
        at = instant(project, as_of)
        preview, names = Preview(project, store, at), Names(project, store)
        if record is None:
            moves = preview.all()
            print_moves(ask.screen, moves, names)
            ask.screen.data(moves_data(moves))
            return 0
        found = []
        for subject in _persons(project, store, record):
            side = next(side for side in SIDES if subject.ids[side])
            scored = preview.person(side, subject.ids[side] or "")
            if scored is not None:
                person, made = scored
                locale = project.agreement.locale
                print_score(ask.screen, str(names.named("person", subject.ids)), made, locale)
                found.append(score_data({side: person.unit.record(side) for side in SIDES}, made, locale))
        ask.screen.data({"as_of": at, "persons": found})
    return 0


def test(ask: Ask, only: str | None) -> int:
    """Run the project's own cases; exit code 1 when one came out otherwise."""
    project = load(ask.folder)
    log.level("warning")  # every case is a run of its own: only what is wrong is worth a line
    found = read_cases(ask.folder, known_fields(project))
    cases = [each for each in found if only is None or only.lower() in each.line.name.lower()]
    if not cases:
        raise SettingsError("no case has this in its name")
    results = [(case.line.name, run_case(project, case)) for case in cases]
    print_cases(ask.screen, results)
    ask.screen.data(cases_data(results))
    return 1 if any(failures for _, failures in results) else 0


def _persons(project: Project, store: Store, record: str) -> list[Subject]:
    found = [each for each in find(project, store, record) if each.object == "person"]
    if not found:
        raise SettingsError("this is no person: only persons are scored")
    return found
