"""From a project to its two CRMs and its channels: credentials are read here and go nowhere else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from connector.crm.auth import (
    FixedToken,
    HubSpotRefresh,
    RenewedToken,
    SalesforceFlow,
    salesforce_client_credentials,
    salesforce_jwt,
    salesforce_refresh,
)
from connector.crm.http import Token
from connector.crm.hubspot.adapter import HubSpot
from connector.crm.port import Crm
from connector.crm.salesforce.adapter import Options, SalesforceCrm
from connector.model import Side
from connector.notify.by_apprise import AppriseChannel
from connector.notify.channel import Channel
from connector.notify.file import FileChannel
from connector.project import Project, read_secret
from connector.project.secret import save_secret


@contextmanager
def crms(project: Project, pause: Callable[[float], None] = time.sleep) -> Iterator[dict[Side, Crm]]:
    """Both CRMs of a project, for as long as the block lasts.

    Args:
        project: whose CRMs.
        pause: sleeps for seconds, before a call is repeated and while a limit or a job is waited for.

    Raises:
        SettingsError: a secret is not where the project says, or an address is not allowed.
    """
    with vendors(project, pause) as (hubspot, salesforce):
        yield {"hubspot": hubspot, "salesforce": salesforce}


@contextmanager
def vendors(project: Project, pause: Callable[[float], None] = time.sleep) -> Iterator[tuple[HubSpot, SalesforceCrm]]:
    """The same two with what only one vendor has: its definitions, for installing.

    Raises:
        SettingsError: as `crms`.
    """
    with ExitStack() as stack:
        hubspot, salesforce = _hubspot(project, pause), _salesforce(project, pause)
        stack.callback(hubspot.close)
        stack.callback(salesforce.close)
        yield hubspot, salesforce


def channels(project: Project) -> list[Channel]:
    """Where messages of a project go; their secrets are read when a message goes out."""
    found: list[Channel] = []
    for each in project.settings.notify.to:
        only = frozenset(each.only)
        if each.file is not None:
            found.append(FileChannel(each.name, project.folder / Path(each.file).expanduser(), only))
        else:
            url = partial(read_secret, each, "url", project.folder)
            found.append(AppriseChannel(each.name, url, personal=each.send == "recipient", only=only))
    return found


def _hubspot(project: Project, pause: Callable[[float], None]) -> HubSpot:
    settings = project.settings.hubspot
    auth, folder = settings.auth, project.folder
    token: Token
    if auth.oauth is None:
        token = FixedToken(read_secret(auth, "token", folder))
    else:
        oauth = auth.oauth
        flow = HubSpotRefresh(
            settings.url,
            settings.version,
            client_id=read_secret(oauth, "client_id", folder),
            client_secret=read_secret(oauth, "client_secret", folder),
            refresh_token=read_secret(oauth, "refresh_token", folder),
            save=lambda value: save_secret(oauth, "refresh_token", folder, value),
            pause=pause,
            monotonic=time.monotonic,
        )
        token = RenewedToken(flow, time.monotonic)
    return HubSpot(
        settings.url,
        token,
        version=settings.version,
        budget=settings.budget,
        pause=pause,
        overlap=settings.overlap,
        lag=settings.lag,
        source_ids=[settings.source_id] if settings.source_id else [],
    )


def _salesforce(project: Project, pause: Callable[[float], None]) -> SalesforceCrm:
    settings = project.settings.salesforce
    options = Options(
        version=settings.version,
        overlap=timedelta(seconds=settings.overlap),
        budget=settings.budget,
        width=settings.width,
        bulk_write=settings.bulk_above,
        allow_duplicates=settings.duplicate_rules == "save",
    )
    return SalesforceCrm(
        settings.url, _salesforce_token(project, pause), options, pause=pause, monotonic=time.monotonic
    )


def _salesforce_token(project: Project, pause: Callable[[float], None]) -> Token:
    settings, folder = project.settings.salesforce, project.folder
    auth = settings.auth
    if auth.way == "session":
        return FixedToken(read_secret(auth, "session", folder))
    return RenewedToken(_salesforce_flow(project, settings.login_url or settings.url, pause), time.monotonic)


def _salesforce_flow(project: Project, login: str, pause: Callable[[float], None]) -> SalesforceFlow:
    auth, folder = project.settings.salesforce.auth, project.folder
    if auth.jwt is not None:
        jwt = auth.jwt
        return salesforce_jwt(
            login,
            read_secret(jwt, "client_id", folder),
            jwt.username,
            read_secret(jwt, "private_key", folder),
            pause=pause,
            monotonic=time.monotonic,
            audience=jwt.audience,
        )
    if auth.refresh is not None:
        refresh = auth.refresh
        secret = read_secret(refresh, "client_secret", folder) if refresh.places("client_secret") else None
        return salesforce_refresh(
            login,
            read_secret(refresh, "client_id", folder),
            secret,
            read_secret(refresh, "refresh_token", folder),
            pause=pause,
            monotonic=time.monotonic,
        )
    return salesforce_client_credentials(
        login,
        read_secret(auth, "client_id", folder),
        read_secret(auth, "client_secret", folder),
        pause=pause,
        monotonic=time.monotonic,
    )
