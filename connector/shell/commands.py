"""What each command does, in a few lines: open what it needs, ask the room that decides, print what it says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Literal

import orjson
import typer

from connector import project as projects
from connector.core.plan import WAITING
from connector.engine import connect
from connector.engine import run as engine
from connector.engine.seams import Result
from connector.errors import SettingsError
from connector.install.check import check as check_project
from connector.model import SIDES
from connector.project import Project
from connector.project.mistakes import nearest
from connector.report.check import findings_data, print_findings
from connector.report.explained import print_explanation
from connector.report.explanation import Explainer
from connector.report.find import find
from connector.report.names import Names
from connector.report.plan import PlanReport
from connector.report.run import data_of, object_of, print_result, print_runs
from connector.report.screen import Screen
from connector.report.status import standing
from connector.report.waiting import (
    conflict_data,
    inbox_data,
    print_conflict,
    print_conflicts,
    print_inbox,
)
from connector.shell import planfile, sandboxes, schedule
from connector.shell import status as status_file
from connector.shell.running import Parts, Show, Step, run
from connector.shell.stop import Stop
from connector.state.store import Store


class SchemaOf(StrEnum):
    """What there is a schema of."""

    connector = "connector"
    mapping = "mapping"


class SideName(StrEnum):
    """A CRM as typed."""

    hubspot = "hubspot"
    salesforce = "salesforce"


class FaultKind(StrEnum):
    """What may happen to a call; `clear` takes every fault of the sandbox away."""

    status = "status"
    slow = "slow"
    cut = "cut"
    lost = "lost"
    clear = "clear"


@dataclass(frozen=True, slots=True)
class Ask:
    """What nearly every command is asked with."""

    folder: Path
    as_json: bool

    @property
    def screen(self) -> Screen:
        """Where to print."""
        return Screen(as_json=self.as_json)


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault as typed."""

    kind: FaultKind
    path: str
    method: str
    nth: int
    times: int
    status: int
    seconds: float


def leave(code: int | None, **_options: object) -> None:
    """End with a command's exit code."""
    raise typer.Exit(code or 0)


@contextmanager
def _store(ask: Ask) -> Iterator[tuple[Project, Store]]:
    """The project and its state; no CRM is asked."""
    project = projects.load(ask.folder)
    with connect.store(project) as store:
        yield project, store


# --- a project -------------------------------------------------------------------------------------------


def init(folder: Path) -> int:
    """Make a project folder, and say what to type next."""
    made = projects.init(folder)
    screen = Screen()
    for name in made.written:
        screen.say(f"wrote {folder / name}")
    for name in made.kept:
        screen.say(f"kept  {folder / name}, which was there")
    screen.say("Next:", "bold")
    for line in made.next:
        screen.say(f"  {line}")
    return 0


def schema(of: SchemaOf) -> int:
    """Print a schema."""
    kind: Literal["connector", "mapping"] = "connector" if of is SchemaOf.connector else "mapping"
    typer.echo(orjson.dumps(projects.schema(kind), option=orjson.OPT_INDENT_2).decode())
    return 0


def check(ask: Ask) -> int:
    """Look at a project and its CRMs; 2 when something must be corrected first."""
    project = projects.load(ask.folder)
    with connect.crms(project) as crms:
        findings = check_project(project, crms["hubspot"], crms["salesforce"])
    print_findings(ask.screen, findings)
    ask.screen.data(findings_data(findings))
    return SettingsError.exit_code if any(each.level == "error" for each in findings) else 0


# --- runs ------------------------------------------------------------------------------------------------


def plan(ask: Ask, *, out: Path | None, limit: int, full: bool) -> int:
    """Make a plan and show it."""

    def step(parts: Parts) -> Result:
        return engine.plan(parts.project, parts.store, parts.crms, parts.seams, full=full)

    def show(parts: Parts, result: Result) -> None:
        made = parts.store.plans.get(result.plan or "")
        assert made is not None
        usage = {side: parts.crms[side].usage() for side in SIDES}
        report, screen = PlanReport(parts.project, parts.store, made, limit), ask.screen
        report.print(screen, usage)
        if out is not None:
            count = planfile.write(parts.store, made, out)
            screen.say(f"{count:,} actions written to {out}")
        for reason in result.reasons:
            screen.say(f"The brakes would stop this: {reason}", "bold red")
        allow = " --allow" if result.reasons else ""
        screen.say(f"Nothing was written. To carry out exactly this: revloop apply {out or made.id}{allow}")
        screen.data(report.data(result, usage))

    return _once(ask, "plan", step, show)


def apply(ask: Ask, named: str, *, allow: bool) -> int:
    """Carry out a plan."""

    def step(parts: Parts) -> Result:
        chosen = planfile.plan_id(parts.store, named)
        return engine.apply(parts.project, parts.store, parts.crms, parts.seams, chosen, allow=allow)

    return _once(ask, "apply", step, _shown(ask))


def sync(ask: Ask, *, every: str | None, full: bool) -> int:
    """Run once, or at every tick until somebody stops it."""

    def step(parts: Parts) -> Result:
        return engine.sync(parts.project, parts.store, parts.crms, parts.seams, full=full)

    distance = schedule.seconds(every) if every is not None else None
    with Stop.on_signals() as stop:
        once = partial(run, ask.folder, "sync", stop, step, _shown(ask))
        if distance is not None:
            schedule.repeat(once, distance, stop)
        return once().exit_code


def rebuild(ask: Ask) -> int:
    """Restore the links."""

    def step(parts: Parts) -> Result:
        return engine.rebuild(parts.project, parts.store, parts.crms, parts.seams)

    return _once(ask, "rebuild", step, _shown(ask))


def _once(ask: Ask, kind: str, step: Step, show: Show) -> int:
    """One run that Ctrl-C and SIGTERM may end."""
    with Stop.on_signals() as stop:
        return run(ask.folder, kind, stop, step, show).exit_code


def _shown(ask: Ask) -> Show:
    """Print what a run did."""

    def show(_parts: Parts, result: Result) -> None:
        print_result(ask.screen, result)
        ask.screen.data(object_of(result.summary))

    return show


# --- looking ---------------------------------------------------------------------------------------------


def status(ask: Ask) -> int:
    """How the project stands."""
    with _store(ask) as (project, store):
        objects = tuple(mapping.object for mapping in project.mappings)
        found = standing(store, objects, status_file.read(ask.folder))
    found.print(ask.screen)
    ask.screen.data(found.data())
    return 0


def runs(ask: Ask, *, limit: int) -> int:
    """The newest runs."""
    with _store(ask) as (_project, store):
        found, holder = store.runs.list(limit), store.holder()
    print_runs(ask.screen, found, holder)
    ask.screen.data({"runs": [data_of(each, holder) for each in found]})
    return 0


def errors(ask: Ask, *, everything: bool) -> int:
    """The inbox."""
    with _store(ask) as (_project, store):
        every = store.inbox.list()
    held = [each for each in every if everything or each.code != WAITING]
    print_inbox(ask.screen, held, len(every) - len(held))
    ask.screen.data({"held": inbox_data(held), "waiting": sum(each.code == WAITING for each in every)})
    return 0


def conflicts_list(ask: Ask) -> int:
    """The open conflicts."""
    with _store(ask) as (project, store):
        rows, names = store.conflicts.list("open"), Names(project, store)
        print_conflicts(ask.screen, rows, names)
        ask.screen.data({"conflicts": [conflict_data(row, names) for row in rows]})
    return 0


def conflicts_show(ask: Ask, number: int) -> int:
    """One conflict."""
    with _store(ask) as (project, store):
        row, names = store.conflicts.get(number), Names(project, store)
        if row is None:
            raise SettingsError(f"there is no conflict {number}; `revloop conflicts list` shows them")
        print_conflict(ask.screen, row, names)
        ask.screen.data(conflict_data(row, names))
    return 0


def conflicts_resolve(ask: Ask, number: int, take: SideName) -> int:
    """Answer a conflict."""
    with _store(ask) as (project, store):
        store.conflicts.resolve(number, "hubspot" if take is SideName.hubspot else "salesforce")
        row = store.conflicts.get(number)
        assert row is not None
        ask.screen.say(f"Conflict {number} on {row.field}: {take.value} is right. The next run writes it: revloop sync")
        ask.screen.data(conflict_data(row, Names(project, store)))
    return 0


def explain(ask: Ask, record: str, *, field: str | None) -> int:
    """Everything known of a record."""
    with _store(ask) as (project, store):
        subjects, explainer, names = find(project, store, record), Explainer(project, store), Names(project, store)
        if field is not None:
            known = sorted({each.name for mapping in project.mappings for each in mapping.fields})
            if field not in known:
                raise SettingsError(f"no mapping has a field {field}{nearest(field, known)}")
        told = [explainer.explain(subject, field) for subject in subjects]
        for each in told:
            print_explanation(ask.screen, each, names, whole=field is not None)
        ask.screen.data({"records": [each.data() for each in told]})
    return 0


# --- the sandboxes ---------------------------------------------------------------------------------------


def sandbox_up(hubspot_port: int, salesforce_port: int, data: Path | None, *, bare: bool, as_json: bool) -> int:
    """Serve until somebody stops it."""
    from connector.sandbox.serve import SESSION, TOKEN, Desk, serve  # noqa: PLC0415 - slow to load: only on demand

    screen = Screen(as_json=as_json)

    def ready(desk: Desk) -> None:
        screen.say(f"HubSpot sandbox    {desk.hubspot_url}   token   {TOKEN}")
        screen.say(f"Salesforce sandbox {desk.salesforce_url}   session {SESSION}")
        screen.say("Point a project at them with hubspot.url and salesforce.url. Ctrl-C ends them.")
        screen.data(
            {
                "hubspot": {"url": desk.hubspot_url, "token": TOKEN},
                "salesforce": {"url": desk.salesforce_url, "session": SESSION},
            }
        )

    try:
        serve(data, hubspot_port=hubspot_port, salesforce_port=salesforce_port, bare=bare, ready=ready)
    except OSError as error:
        raise SettingsError(
            f"the sandboxes cannot start ({error.strerror}): choose other ports with --hubspot-port and "
            "--salesforce-port, or another folder with --data"
        ) from None
    return 0


def sandbox_load(hubspot_port: int, salesforce_port: int, folder: Path, *, as_json: bool) -> int:
    """Load CSV files."""
    loaded = sandboxes.load(sandboxes.addresses(hubspot_port, salesforce_port), folder)
    screen = Screen(as_json=as_json)
    for side, counts in loaded.items():
        screen.say(f"{side}: " + ", ".join(f"{count:,} {name}" for name, count in counts.items()))
    screen.data({"loaded": loaded})
    return 0


def sandbox_reset(hubspot_port: int, salesforce_port: int, *, as_json: bool) -> int:
    """Empty both."""
    sandboxes.reset(sandboxes.addresses(hubspot_port, salesforce_port))
    Screen(as_json=as_json).say("Both sandboxes are empty, and without faults.")
    Screen(as_json=as_json).data({"reset": True})
    return 0


def sandbox_fault(hubspot_port: int, salesforce_port: int, side: SideName, fault: Fault, *, as_json: bool) -> int:
    """Order a fault, or take all away."""
    where = sandboxes.addresses(hubspot_port, salesforce_port)["hubspot" if side is SideName.hubspot else "salesforce"]
    if fault.kind is FaultKind.clear:
        told = sandboxes.order(where, "faults", None, method="DELETE")
    else:
        body = {
            "kind": fault.kind.value,
            "path": fault.path,
            "method": fault.method,
            "nth": fault.nth,
            "times": fault.times,
            "status": fault.status,
            "seconds": fault.seconds,
        }
        told = sandboxes.order(where, "faults", body)
    screen = Screen(as_json=as_json)
    screen.say(f"{len(told['faults'])} faults wait in the {side.value} sandbox.")
    screen.data(told)
    return 0
