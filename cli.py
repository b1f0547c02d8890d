"""The commands of revloop: parse, call, print. What they do is decided in `connector/`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from connector.shell import commands_look as look
from connector.shell import commands_run as go
from connector.shell import commands_sandbox as box
from connector.shell import failing, log
from connector.shell.asked import Ask, SchemaOf, SideName, leave
from connector.shell.commands_sandbox import Fault, FaultKind

app = typer.Typer(
    name="revloop",
    help="Keeps HubSpot and Salesforce in step: every write is first a plan that you can read.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    result_callback=leave,
)
conflicts = typer.Typer(no_args_is_help=True, help="Fields that both sides changed differently, and deciding them.")
sandbox = typer.Typer(no_args_is_help=True, help="Both CRMs on this machine, over real HTTP, without an account.")
app.add_typer(conflicts, name="conflicts")
app.add_typer(sandbox, name="sandbox")

Folder = Annotated[Path, typer.Option("--project", help="The project folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Full = Annotated[bool, typer.Option("--full", help="Read everything, not only what changed.")]
HubSpotPort = Annotated[int, typer.Option(help="Port of the HubSpot sandbox.")]
SalesforcePort = Annotated[int, typer.Option(help="Port of the Salesforce sandbox.")]
HERE = Path()


@app.callback()
def begin(
    *, debug: Annotated[bool, typer.Option("--debug", help="Show the frames of an error, never values.")] = False
) -> None:
    """Keeps HubSpot and Salesforce in step: every write is first a plan that you can read."""
    del debug  # `main` looks for it itself: it is needed where an error has unwound everything


@app.command()
def demo(
    *,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the sandboxes and the project up.")] = False,
    persons: Annotated[int, typer.Option(min=10, max=2000, help="People in the made-up CRMs.")] = 40,
) -> int:
    """See it work: two sandboxes, made-up people, a plan, a sync, a conflict. No account needed."""
    from connector.demo import story  # noqa: PLC0415 - the sandboxes take their time to load: only on demand

    return story.tell(keep=keep, persons=persons)


@app.command()
def init(folder: Annotated[Path, typer.Argument(metavar="DIR", help="The new project's folder.")]) -> int:
    """Make a project folder: connector.yaml and the default mappings. What is there is never touched."""
    return go.init(folder)


@app.command()
def schema(of: Annotated[SchemaOf, typer.Argument(metavar="connector|mapping")] = SchemaOf.connector) -> int:
    """Print the JSON Schema of connector.yaml or of a mapping file, for your editor."""
    return go.schema(of)


@app.command()
def check(*, project: Folder = HERE, json: Json = False) -> int:
    """Look at logins, scopes, limits, fields, options and owners. It only reads; every finding says what to do."""
    return go.check(Ask(project, json))


@app.command()
def plan(
    *,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the whole plan to a file.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Rows of each kind.")] = 20,
    full: Full = False,
    project: Folder = HERE,
    json: Json = False,
) -> int:
    """Read both CRMs and show, field by field, what a sync would write. Nothing is written."""
    return go.plan(Ask(project, json), out=out, limit=limit, full=full)


@app.command()
def apply(
    plan: Annotated[str, typer.Argument(metavar="PLAN_OR_FILE", help="A plan's id, or the file of `plan --out`.")],
    *,
    allow: Annotated[bool, typer.Option("--allow", help="Although the brakes refuse this one plan.")] = False,
    project: Folder = HERE,
    json: Json = False,
) -> int:
    """Carry out a plan exactly as it was shown."""
    return go.apply(Ask(project, json), plan, allow=allow)


@app.command()
def sync(
    *,
    every: Annotated[str | None, typer.Option(metavar="15m", help="Run again and again, at this distance.")] = None,
    full: Full = False,
    project: Folder = HERE,
    json: Json = False,
) -> int:
    """Read, plan and write in one go."""
    return go.sync(Ask(project, json), every=every, full=full)


@app.command()
def status(*, project: Folder = HERE, json: Json = False) -> int:
    """How the last run ended, what waits for a person, and what to type next."""
    return look.status(Ask(project, json))


@app.command()
def runs(
    *,
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 20,
    project: Folder = HERE,
    json: Json = False,
) -> int:
    """List the runs, newest first."""
    return look.runs(Ask(project, json), limit=limit)


@app.command()
def errors(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Also what ends by itself.")] = False,
    project: Folder = HERE,
    json: Json = False,
) -> int:
    """List the records that are held, why, and what to do."""
    return look.errors(Ask(project, json), everything=everything)


@conflicts.command("list")
def conflicts_list(*, project: Folder = HERE, json: Json = False) -> int:
    """List the conflicts that wait for a person."""
    return look.conflicts_list(Ask(project, json))


@conflicts.command("show")
def conflicts_show(
    number: Annotated[int, typer.Argument(metavar="N")], *, project: Folder = HERE, json: Json = False
) -> int:
    """Show one conflict with both values."""
    return look.conflicts_show(Ask(project, json), number)


@conflicts.command("resolve")
def conflicts_resolve(
    number: Annotated[int, typer.Argument(metavar="N")],
    *,
    take: Annotated[SideName, typer.Option(help="The side whose value is right.")],
    project: Folder = HERE,
    json: Json = False,
) -> int:
    """Decide one conflict; the next run carries it out."""
    return look.conflicts_resolve(Ask(project, json), number, take)


@app.command()
def explain(
    record: Annotated[str, typer.Argument(help="An id of either side, an e-mail address, a domain or a name.")],
    *,
    field: Annotated[str | None, typer.Option("--field", help="The whole history of one field.")] = None,
    project: Folder = HERE,
    json: Json = False,
) -> int:
    """Say where every value of a record came from, and why it does not sync."""
    return look.explain(Ask(project, json), record, field=field)


@app.command()
def rebuild(*, project: Folder = HERE, json: Json = False) -> int:
    """Restore a lost state from the stamps and keys of both CRMs; nothing is written to a CRM."""
    return go.rebuild(Ask(project, json))


@sandbox.command("up")
def sandbox_up(
    *,
    hubspot_port: HubSpotPort = 8101,
    salesforce_port: SalesforcePort = 8102,
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="Keep the data there, through a restart.")] = None,
    bare: Annotated[bool, typer.Option("--bare", help="Without the fields that revloop needs.")] = False,
    json: Json = False,
) -> int:
    """Start both sandboxes and stay until Ctrl-C."""
    return box.up(hubspot_port, salesforce_port, data, bare=bare, as_json=json)


@sandbox.command("load")
def sandbox_load(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="With hubspot/*.csv and salesforce/*.csv.")],
    *,
    hubspot_port: HubSpotPort = 8101,
    salesforce_port: SalesforcePort = 8102,
    json: Json = False,
) -> int:
    """Load CSV files into running sandboxes."""
    return box.load(hubspot_port, salesforce_port, folder, as_json=json)


@sandbox.command("reset")
def sandbox_reset(
    *, hubspot_port: HubSpotPort = 8101, salesforce_port: SalesforcePort = 8102, json: Json = False
) -> int:
    """Empty running sandboxes."""
    return box.reset(hubspot_port, salesforce_port, as_json=json)


@sandbox.command("fault")
def sandbox_fault(
    side: Annotated[SideName, typer.Argument(help="Which sandbox.")],
    kind: Annotated[FaultKind, typer.Argument(help="What happens to the call.")],
    *,
    path: Annotated[str, typer.Option(help="Regular expression of the paths it hits.")] = ".*",
    method: Annotated[str, typer.Option(help="Regular expression of the methods it hits.")] = ".*",
    nth: Annotated[int, typer.Option(min=1, help="The first matching call it hits.")] = 1,
    times: Annotated[int, typer.Option(min=1, help="How many calls it hits.")] = 1,
    status: Annotated[int, typer.Option(help="For `status`: the answer's status.")] = 503,
    seconds: Annotated[float, typer.Option(help="For `slow`: how long the call waits.")] = 1.0,
    hubspot_port: HubSpotPort = 8101,
    salesforce_port: SalesforcePort = 8102,
    json: Json = False,
) -> int:
    """Break calls of a running sandbox as ordered; `clear` ends it."""
    fault = Fault(kind, path, method, nth, times, status, seconds)
    return box.fault(hubspot_port, salesforce_port, side, fault, as_json=json)


def main() -> None:
    """Run a command; every error becomes one message and an exit code."""
    log.begin()
    try:
        app()
    except Exception as error:  # noqa: BLE001 - the outermost place: whatever it is, it gets a sentence and a code
        code = failing.told(error, as_json="--json" in sys.argv, frames="--debug" in sys.argv)
        raise SystemExit(code) from None


if __name__ == "__main__":
    main()
