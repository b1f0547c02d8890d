"""The command that creates revloop's parts in both CRMs, shows them first, or takes them away."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from connector import project as projects
from connector.crm.hubspot.definitions import Definitions
from connector.crm.salesforce.definitions import OrgDefinitions
from connector.crm.salesforce.deploy import Deployed, deploy
from connector.engine import connect
from connector.errors import BrakeError, SettingsError
from connector.install import whole
from connector.install.finding import Finding
from connector.install.removing import list_removal, remove
from connector.install.wishes import wishes_of
from connector.project import Project
from connector.report import install as report
from connector.shell.typed import Ask


def install(ask: Ask, *, plan: bool, removing: bool, confirm: int | None, user: str) -> int:
    """Show, create or take away; 2 where an admin must act before a run, 4 where a number must be confirmed."""
    if confirm is not None and not removing:
        raise SettingsError("--confirm belongs to --remove: type `revloop install --remove` first")
    if plan and removing:
        raise SettingsError("--remove without --confirm only shows what it would take away: leave --plan out")
    project = projects.load(ask.folder)
    wish = whole.wanted(project.agreement, wishes_of(project), project.where)
    with _vendors(project) as vendors:
        if removing:
            return _remove(ask, wish, vendors, confirm)
        if plan:
            looked = whole.look(wish, vendors, user=user)
            report.print_plan(ask.screen, looked)
            ask.screen.data(report.plan_data(looked))
            return _code(looked.findings)
        installed = whole.install(wish, vendors, user=user, told=partial(ask.screen.say, style="dim"))
        report.print_installed(ask.screen, installed)
        ask.screen.data(report.installed_data(installed))
        left = bool(installed.now.steps)
        return SettingsError.exit_code if left else _code(installed.now.findings)


def _remove(ask: Ask, wish: whole.Wanted, vendors: whole.Vendors, confirm: int | None) -> int:
    looked = whole.look(wish, vendors)
    ask.screen.say("counting the values that would be lost", "dim")
    removal = list_removal(wish, vendors, looked)
    if confirm is not None and removal.losses:
        remove(wish, vendors, looked, removal, confirm, partial(ask.screen.say, style="dim"))
    done = confirm is not None
    report.print_removal(ask.screen, removal, done=done)
    ask.screen.data(report.removal_data(removal, done=done))
    return BrakeError.exit_code if removal.losses and not done else 0


@contextmanager
def _vendors(project: Project) -> Iterator[whole.Vendors]:
    with connect.vendors(project) as (hubspot, salesforce):

        def deployed(package: bytes, check_only: bool) -> Deployed:
            return deploy(salesforce.org, package, check_only=check_only, pause=time.sleep)

        yield whole.Vendors(
            Definitions(hubspot.client, hubspot.paths),
            OrgDefinitions(salesforce.org),
            deployed,
            project.settings.salesforce.version,
        )


def _code(findings: tuple[Finding, ...]) -> int:
    """2 where a run would fail or do harm until somebody has acted."""
    return SettingsError.exit_code if any(each.level == "error" for each in findings) else 0
