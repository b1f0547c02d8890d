"""Runs the real engine on a real SQLite file against the simulated CRMs, until all is calm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from boundary import Boundaries, Killed, Strike, Watched, commits
from doings import Doings
from hubspot_crm import SimHubspot
from judge import Known
from oracle import Oracle
from people import People
from salesforce_crm import SimSalesforce
from truth import Truth
from world import World

from connector.engine.run import sync
from connector.engine.seams import Result, Seams
from connector.errors import ConnectorError, LaterError
from connector.model import Side
from connector.project import Project
from connector.state.store import Store

CALM_WITHIN = 6
"""Runs after which nothing may be left to write, whatever happened before."""

Engine = Callable[..., Result]


@dataclass
class Ended:
    """How one run ended."""

    boundaries: Boundaries
    writes: int
    result: Result | None = None
    error: ConnectorError | None = None

    @property
    def killed(self) -> bool:
        """Whether it was killed."""
        return self.boundaries.dead


@dataclass
class Stage:
    """A world, a state file and a project; `pause` is the time between two runs."""

    project: Project
    path: Path
    world: World
    pause: float = 120.0
    engine: Engine = sync
    open: Callable[[Path], Store] = Store.open
    runs: int = 0
    _store: Store | None = None

    @staticmethod
    def new(project: Project, path: Path) -> Stage:
        """An empty world, and no state yet."""
        world = World()
        SimHubspot(world)
        SimSalesforce(world)
        return Stage(project, path, world)

    @property
    def hubspot(self) -> SimHubspot:
        """The simulated portal."""
        crm = self.world.crms["hubspot"]
        assert isinstance(crm, SimHubspot)
        return crm

    @property
    def salesforce(self) -> SimSalesforce:
        """The simulated org."""
        crm = self.world.crms["salesforce"]
        assert isinstance(crm, SimSalesforce)
        return crm

    @property
    def people(self) -> People:
        """Those who work in both."""
        return People(self.world)

    @property
    def doings(self) -> Doings:
        """What persons do."""
        return Doings(self.world)

    def run(
        self,
        strike: Strike | None = None,
        before: Callable[[int], None] = lambda _number: None,
        *,
        names: list[str] | None = None,
        full: bool = False,
    ) -> Ended:
        """One run from opening the store to closing it."""
        self.runs += 1
        self.world.begin()
        boundaries = Boundaries(self.world, strike, before, [] if names is None else names)
        crms: dict[Side, Watched] = {side: Watched(crm, boundaries) for side, crm in self.world.crms.items()}
        self.salesforce.inside = lambda: boundaries.cross("job", lambda: None)
        ended = Ended(boundaries, 0)
        try:
            with commits(boundaries):
                ended.result = self.engine(self.project, self.store, crms, self._seams(), full=full)
        except Killed:
            self.close()  # the next run opens the file as the kill has left it
        except ConnectorError as error:
            ended.error = error
        finally:
            self.salesforce.inside = None
        ended.writes = sum(crm.written for crm in crms.values())
        self.world.sleep(self.pause)
        return ended

    @property
    def store(self) -> Store:
        """The state file, open until a kill."""
        if self._store is None:
            self._store = self.open(self.path)
        return self._store

    def close(self) -> None:
        """Close the state file."""
        if self._store is not None:
            self._store.close()
            self._store = None

    def later(self) -> Ended:
        """A run when every index has caught up."""
        self.world.sleep(60)
        return self.run()

    def _seams(self) -> Seams:
        run, numbers = self.runs, iter(range(1, 10_000))
        return Seams(
            clock=lambda: self.world.now,
            new_id=lambda prefix: f"{prefix}-{run}-{next(numbers)}",
            pause=self.world.sleep,
            alive=lambda _run: False,
        )

    def known(self) -> Known:
        """What the state says now."""
        return Known.read(self.store)

    def oracle(self) -> Oracle:
        """The judge of this moment."""
        return Oracle(Truth(self.world, self.project.mappings), self.known())

    def settle(self) -> list[str]:
        """Run at least twice and until nothing is written any more, then judge everything."""
        for number in range(CALM_WITHIN):
            ended = self.later()
            if ended.error is not None and not isinstance(ended.error, LaterError):
                return [f"a calm run stopped: {type(ended.error).__name__}"]
            if ended.result is not None and ended.result.exit_code == 4:
                return [f"a calm run was braked: {'; '.join(ended.result.reasons)}"]
            done = ended.result is not None and ended.result.exit_code in (0, 1)
            if done and number and ended.writes == 0:
                told = ended.result.summary["writes"] if ended.result else {}
                return [*self.oracle().calm(), *(["4: a calm run claims writes"] if any(told.values()) else [])]
        return [f"4: not calm after {CALM_WITHIN} runs"]
