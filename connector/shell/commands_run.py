"""The commands that make a project, check it and run: each opens what it needs, asks the room that decides, prints."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import orjson
import typer

from connector import project as projects
from connector.engine import connect
from connector.engine import run as engine
from connector.engine.seams import Result
from connector.errors import SettingsError
from connector.install.check import check as check_project
from connector.install.check_messages import check_messages
from connector.model import SIDES
from connector.report.check import findings_data, print_findings
from connector.report.plan import PlanReport
from connector.report.run import object_of, print_result
from connector.report.screen import Screen
from connector.shell import outside, planfile, schedule
from connector.shell.running import Parts, Show, Step, run
from connector.shell.stop import Stop
from connector.shell.typed import Ask, SchemaOf


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
    typer.echo(orjson.dumps(projects.schema(of.value), option=orjson.OPT_INDENT_2).decode())
    return 0


def check(ask: Ask, *, send_test: bool = False) -> int:
    """Look at a project, its CRMs and its channels; 2 when something must be corrected first."""
    project = projects.load(ask.folder)
    with connect.crms(project) as crms:
        findings = check_project(project, crms["hubspot"], crms["salesforce"], clock=outside.now)
    findings.extend(
        check_messages(connect.channels(project), test=send_test, locale=project.settings.locale, at=outside.now())
    )
    print_findings(ask.screen, findings)
    ask.screen.data(findings_data(findings))
    return SettingsError.exit_code if any(each.level == "error" for each in findings) else 0


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
