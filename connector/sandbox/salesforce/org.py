"""One Salesforce org in one object: its store, settings, sessions, quota, bulk jobs and open cursors."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from connector.sandbox.clock import Clock
from connector.sandbox.salesforce.access import Sight, Sights
from connector.sandbox.salesforce.auth import Auth
from connector.sandbox.salesforce.batch import Actor, Batch, Layouts, Settings
from connector.sandbox.salesforce.cursors import Cursors
from connector.sandbox.salesforce.errors import ApiError, not_found
from connector.sandbox.salesforce.http import Call, Paths, Reply
from connector.sandbox.salesforce.quota import DEFAULT_MAX, Quota
from connector.sandbox.salesforce.schema import SObject
from connector.sandbox.salesforce.seed import seed
from connector.sandbox.salesforce.store import Store

if TYPE_CHECKING:
    from connector.sandbox.salesforce.bulk.jobs import Jobs
    from connector.sandbox.salesforce.metadata.deploy import Deployment

OLDEST, NEWEST = 31, 68
"""API versions answered; 68.0 is Winter '27, below 31.0 they are retired."""
_VERSIONED = re.compile(r"/services/data/v(\d+\.\d)(/.*|)$").match


@dataclass(slots=True, frozen=True)
class Options:
    """How a sandbox org is started."""

    bare: bool = False
    open_session: bool = True
    session_seconds: float = 7200
    daily_limit: int = DEFAULT_MAX
    duplicate_rule: str = "off"


class Org:
    """The state behind every call; `lock` is held while a call touches the store."""

    def __init__(self, data: Path | None, clock: Clock, options: Options) -> None:
        self.options = options
        self.clock = clock
        self.store = Store(data, clock)
        self.lock = asyncio.Lock()
        self.layouts = Layouts(self.store)
        self._sights = Sights(self.store)
        self.paths = Paths()
        self.jobs: Jobs
        self.deployments: dict[str, Deployment] = {}
        self.begin()

    def begin(self) -> None:
        """Take the store as it is, fill it if it is empty, and forget sessions, settings and cursors."""
        with self.store.transaction():
            seed(self.store, bare=self.options.bare)
        self.settings = Settings(duplicate_rule=self.options.duplicate_rule)
        self.auth = Auth(
            self.store,
            self.clock,
            open_session=self.options.open_session,
            lifetime=self.options.session_seconds,
        )
        self.quota = Quota(self.options.daily_limit)
        self.cursors = Cursors()

    def sight(self, user: str) -> Sight:
        """The org as a user sees it."""
        return self._sights.of(user) if self.settings.field_security else Sight(self.store.schema, None)

    def batch(self, actor: Actor, *, csv: bool = False) -> Batch:
        """What the writes of one call share."""
        return Batch(self.store, self.layouts, self.settings, actor, self.store.stamp(), csv)

    def sobject(self, name: str, user: str) -> SObject:
        """The object of this name.

        Raises:
            ApiError: 404, there is none that the user may see.
        """
        found = self.store.schema.sobject(name)
        if found is None or self.sight(user).schema.sobject(name) is None:
            raise not_found()
        return found

    def answer(self, call: Call) -> Reply:
        """The reply to a call below `/services/data/vNN.0`.

        Raises:
            ApiError: the version is retired or unknown.
        """
        match = _VERSIONED(call.path)
        if match is None:
            raise not_found()
        number = float(match[1])
        if number < OLDEST:
            raise ApiError("UNSUPPORTED_API_VERSION", "This API version is not supported.", status=410)
        if number > NEWEST:
            raise not_found()
        call.version = match[1]
        return self.paths.answer(call, match[2])
