"""The commands of revloop: parse, call, print. What they do is decided in `connector/`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from connector.shell import failing, log
from connector.shell.typed import Ask, Fault, FaultKind, FormName, LocaleName, SchemaOf, SideName, Wish, leave

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
report = typer.Typer(no_args_is_help=True, help="What sales says about marketing's leads. No CRM is asked.")
sandbox = typer.Typer(no_args_is_help=True, help="Both CRMs on this machine, over real HTTP, without an account.")
app.add_typer(conflicts, name="conflicts")
app.add_typer(report, name="report")
app.add_typer(sandbox, name="sandbox")

Folder = Annotated[Path, typer.Option("--project", help="The project folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Full = Annotated[bool, typer.Option("--full", help="Read everything, not only what changed.")]
HubSpotPort = Annotated[int, typer.Option(help="Port of the HubSpot sandbox.")]
SalesforcePort = Annotated[int, typer.Option(help="Port of the Salesforce sandbox.")]
Language = Annotated[LocaleName | None, typer.Option("--locale", help="The language; default: that of the rules.")]
Form = Annotated[FormName | None, typer.Option("--format", help="Default: by the name of --out, else md.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write it to a file.")]
Records = Annotated[bool, typer.Option("--records", help="Name the records behind every figure: for inside only.")]
AsOf = Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="As it stood then: a day or an instant.")]
Bom = Annotated[bool, typer.Option("--bom/--no-bom", help="Begin a CSV as Excel needs it to know UTF-8.")]
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
    from connector.demo import story

    return story.tell(keep=keep, persons=persons)


@app.command()
def init(folder: Annotated[Path, typer.Argument(metavar="DIR", help="The new project's folder.")]) -> int:
    """Make a project folder: connector.yaml, the default mappings and rules. What is there is never touched."""
    from connector.shell import commands_run as go

    return go.init(folder)


@app.command()
def schema(
    of: Annotated[SchemaOf, typer.Argument(metavar="FILE", help=f"One of {', '.join(SchemaOf)}.")] = SchemaOf.connector,
) -> int:
    """Print the JSON Schema of connector.yaml, a mapping file or a rule file, for your editor."""
    from connector.shell import commands_run as go

    return go.schema(of)


@app.command()
def check(
    *,
    send_test: Annotated[bool, typer.Option("--send-test", help="Send a test message through every channel.")] = False,
    project: Folder = HERE,
    json: Json = False,
) -> int:
    """Look at logins, scopes, limits, fields, options, owners and channels. It only reads; it says what to do."""
    from connector.shell import commands_run as go

    return go.check(Ask(project, json), send_test=send_test)


@app.command()
def install(
    *,
    plan: Annotated[bool, typer.Option("--plan", help="Only show what is missing or different.")] = False,
    remove: Annotated[
        bool, typer.Option("--remove", help="Show what would be taken away, and how many values are filled in it.")
    ] = False,
    confirm: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=0, help="With --remove: delete it; N is the number of filled values that it showed."
        ),
    ] = None,
    user: Annotated[
        str, typer.Option(metavar="USERNAME", help="Who gets the Salesforce permission set, if not the login itself.")
    ] = "",
    project: Folder = HERE,
    json: Json = False,
) -> int:
    """Create the fields, objects, rules and permissions that the rules in force need, in both CRMs."""
    from connector.shell import commands_install as parts

    return parts.install(Ask(project, json), plan=plan, removing=remove, confirm=confirm, user=user)


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
    from connector.shell import commands_run as go

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
    from connector.shell import commands_run as go

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
    from connector.shell import commands_run as go

    return go.sync(Ask(project, json), every=every, full=full)


@app.command()
def status(*, project: Folder = HERE, json: Json = False) -> int:
    """How the last run ended, what waits for a person, and what to type next."""
    from connector.shell import commands_look as look

    return look.status(Ask(project, json))


@app.command()
def runs(
    *,
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 20,
    project: Folder = HERE,
    json: Json = False,
) -> int:
    """List the runs, newest first."""
    from connector.shell import commands_look as look

    return look.runs(Ask(project, json), limit=limit)


@app.command()
def errors(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Also what ends by itself.")] = False,
    project: Folder = HERE,
    json: Json = False,
) -> int:
    """List the records that are held, why, and what to do."""
    from connector.shell import commands_look as look

    return look.errors(Ask(project, json), everything=everything)


@conflicts.command("list")
def conflicts_list(*, project: Folder = HERE, json: Json = False) -> int:
    """List the conflicts that wait for a person."""
    from connector.shell import commands_look as look

    return look.conflicts_list(Ask(project, json))


@conflicts.command("show")
def conflicts_show(
    number: Annotated[int, typer.Argument(metavar="N")], *, project: Folder = HERE, json: Json = False
) -> int:
    """Show one conflict with both values."""
    from connector.shell import commands_look as look

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
    from connector.shell import commands_look as look

    return look.conflicts_resolve(Ask(project, json), number, take)


@app.command()
def explain(
    record: Annotated[str, typer.Argument(help="An id of either side, an e-mail address, a domain or a name.")],
    *,
    field: Annotated[str | None, typer.Option("--field", help="The whole history of one field.")] = None,
    attribution: Annotated[bool, typer.Option("--attribution", help="Of a deal: touches and shares.")] = False,
    locale: Language = None,
    project: Folder = HERE,
    json: Json = False,
) -> int:
    """Say where every value of a record came from, and why it does not sync; or who brought a deal."""
    from connector.shell import commands_attribution as share
    from connector.shell import commands_look as look

    if attribution:
        return share.explain(Ask(project, json), record, locale.value if locale else None, field)
    return look.explain(Ask(project, json), record, field=field)


@app.command()
def score(
    record: Annotated[str | None, typer.Argument(help="A person: an id of either side or an e-mail address.")] = None,
    *,
    everybody: Annotated[bool, typer.Option("--all", help="Everybody: who would move where under the rules.")] = False,
    as_of: Annotated[str | None, typer.Option(metavar="DATE", help="Score as of a day or an instant.")] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Say it: nothing is written (it never is).")] = False,
    project: Folder = HERE,
    json: Json = False,
) -> int:
    """Explain a person's score line by line, or show what the rules would move. Reads the state, writes nothing."""
    from connector.shell import commands_rules as rule

    del plan  # the command never writes; the option is there for whoever wants to be sure
    return rule.score(Ask(project, json), record, everybody=everybody, as_of=as_of)


@app.command()
def correct(
    record: Annotated[str, typer.Argument(help="A person: an id of either side or an e-mail address.")],
    *,
    reason: Annotated[str, typer.Option(help="Why; it stands in plan and history. No names.")],
    to: Annotated[str | None, typer.Option(metavar="STAGE", help="The lower stage that is right.")] = None,
    churned: Annotated[bool, typer.Option("--churned", help="A customer who left.")] = False,
    project: Folder = HERE,
    json: Json = False,
) -> int:
    """Lower a person's stage that was wrong, or mark a customer who left; the next run carries it out."""
    from connector.shell import commands_correct as mend

    return mend.correct(Ask(project, json), record, to=to, churned=churned, reason=reason)


@app.command("test")
def cases(
    only: Annotated[str | None, typer.Option("--only", metavar="TEXT", help="Cases with this in their name.")] = None,
    *,
    project: Folder = HERE,
    json: Json = False,
) -> int:
    """Run the project's own cases (rules/cases/*.yaml) offline: records in, scores, stages and plan lines out."""
    from connector.shell import commands_rules as rule

    return rule.test(Ask(project, json), only)


@report.command("council")
def report_council(
    *,
    month: Annotated[str | None, typer.Option(metavar="2026-10", help="Default: the last one that is over.")] = None,
    locale: Language = None,
    form: Form = None,
    out: Out = None,
    records: Records = False,
    bom: Bom = True,
    as_of: AsOf = None,
    project: Folder = HERE,
    json: Json = False,
) -> int:
    """Make the lead council of a month: what was handed over, taken and rejected, why, and what to change."""
    from connector.shell import commands_report as tell

    return tell.council(Ask(project, json), Wish(locale, form, out, records, bom, as_of), month=month)


@report.command("marketing-feed")
def report_marketing_feed(
    *,
    week: Annotated[str | None, typer.Option(metavar="2026-W43", help="Default: the last one that is over.")] = None,
    month: Annotated[str | None, typer.Option(metavar="2026-10", help="A month instead of a week.")] = None,
    locale: Language = None,
    form: Form = None,
    out: Out = None,
    records: Records = False,
    bom: Bom = True,
    as_of: AsOf = None,
    project: Folder = HERE,
    json: Json = False,
) -> int:
    """Make the feed for marketing: campaigns by reason, what rejected leads cost, whom to leave out."""
    from connector.shell import commands_report as tell

    return tell.marketing_feed(Ask(project, json), Wish(locale, form, out, records, bom, as_of), week=week, month=month)


@report.command("sla-document")
def report_sla_document(
    *,
    locale: Language = None,
    form: Form = None,
    out: Out = None,
    project: Folder = HERE,
    json: Json = False,
) -> int:
    """Print the rules in force as a document for both sides to sign: MQL, SQL, time limits, reasons."""
    from connector.shell import commands_report as tell

    return tell.sla_document(Ask(project, json), Wish(locale, form, out))


@report.command("attribution")
def report_attribution(
    *,
    first: Annotated[str | None, typer.Option("--from", metavar="DATE", help="The first day of closing.")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="DATE", help="The last day of closing.")] = None,
    locale: Language = None,
    project: Folder = HERE,
    json: Json = False,
) -> int:
    """Show what every channel brought under all nine models, Markov and Shapley included. No CRM is asked."""
    from connector.shell import commands_attribution as share

    return share.report(Ask(project, json), first, last, locale.value if locale else None)


@app.command()
def rebuild(*, project: Folder = HERE, json: Json = False) -> int:
    """Restore a lost state from the stamps and keys of both CRMs; nothing is written to a CRM."""
    from connector.shell import commands_run as go

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
    from connector.shell import commands_sandbox as box

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
    from connector.shell import commands_sandbox as box

    return box.load(hubspot_port, salesforce_port, folder, as_json=json)


@sandbox.command("reset")
def sandbox_reset(
    *, hubspot_port: HubSpotPort = 8101, salesforce_port: SalesforcePort = 8102, json: Json = False
) -> int:
    """Empty running sandboxes."""
    from connector.shell import commands_sandbox as box

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
    from connector.shell import commands_sandbox as box

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
