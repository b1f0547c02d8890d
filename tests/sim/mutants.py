"""Wrong engines, to show that the oracle has teeth.

Each one is the real engine behind a store or a CRM that does one thing wrong: wrapped, nothing is patched. A
mutant that the sweeps do not catch means that the oracle is blind to a whole class of mistakes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, cast

from sweeps import Sweep

from connector.core.plan import STAMP
from connector.crm.port import Crm, Query, Reading
from connector.engine.run import sync
from connector.engine.seams import Result, Seams
from connector.model import Action, Base, Done, Outcome, Record, Side, Unknown, Write
from connector.project import Project
from connector.state.store import Store

OnJob = Callable[[str], None]


class Around:
    """Something wrapped: whatever is not said here is the inner one's."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class StoreAround(Around):
    """A store with some of its rooms wrapped."""

    def __init__(self, inner: Store, **rooms: Any) -> None:
        super().__init__(inner)
        self.__dict__.update(rooms)


def with_room(**around: type[Around]) -> Callable[..., Result]:
    """The real engine on a store with wrapped rooms."""

    def engine(project: Project, store: Store, crms: Mapping[Side, Crm], seams: Seams, *, full: bool = False) -> Result:
        rooms = {name: room(getattr(store, name)) for name, room in around.items()}
        return sync(project, cast("Store", StoreAround(store, **rooms)), crms, seams, full=full)

    return engine


def with_crms(around: type[Around]) -> Callable[..., Result]:
    """The real engine on wrapped CRMs."""

    def engine(project: Project, store: Store, crms: Mapping[Side, Crm], seams: Seams, *, full: bool = False) -> Result:
        wrapped = {side: cast("Crm", around(crm)) for side, crm in crms.items()}
        return sync(project, store, wrapped, seams, full=full)

    return engine


# --- a store that lies -----------------------------------------------------------------------------------


class SilentLedger(Around):
    """The ledger is not written."""

    def write(self, rows: Sequence[Any]) -> None:
        """Forget them."""


class DroppedConflicts(Around):
    """Conflicts are not kept."""

    def replace(self, *_: Any) -> None:
        """Forget them."""


class DroppedInbox(Around):
    """Nothing is held for a person."""

    def hold(self, *_: Any) -> None:
        """Forget them."""


class NoIntents(Around):
    """Batches are sent without a committed intent."""

    def send(self, *_: Any) -> None:
        """Forget it."""


class EarlyBase(Around):
    """The base moves when a write is sent, not when it is confirmed."""

    def __init__(self, store: Store) -> None:
        super().__init__(store.plans)
        self._links = store.links

    def send(self, plan: str, rows: Sequence[tuple[str, str]], *rest: Any) -> None:
        """Send, and claim that it is done."""
        sent = {action for action, _ in rows}
        for chunk in self._inner.actions(plan, kind="update"):
            for action in chunk:
                if action.id in sent:
                    values = {change.field: change.after for change in action.changes if change.field != STAMP}
                    self._links.move_base([(action.link, Base(values, values))])
        self._inner.send(plan, rows, *rest)


def base_moved_early(
    project: Project, store: Store, crms: Mapping[Side, Crm], seams: Seams, *, full: bool = False
) -> Result:
    """The real engine on a store whose bases are ahead of the truth."""
    return sync(project, cast("Store", StoreAround(store, plans=EarlyBase(store))), crms, seams, full=full)


class ForgetfulMirror(Around):
    """What was read counts as processed at once."""

    def see(self, object_: str, rows: Sequence[Any], **options: Any) -> None:
        """Keep, and never look again."""
        options["dirty"] = False
        self._inner.see(object_, rows, **options)


class FixedLinks(Around):
    """A link does not follow a conversion or a merge."""

    def move(self, *_: Any) -> None:
        """Stay."""

    def alias(self, *_: Any) -> None:
        """Forget."""


# --- a CRM that is asked wrongly -------------------------------------------------------------------------


class Unstamped(Around):
    """Records are created without the counterpart's id."""

    def create(self, vendor_object: str, stamp: str, writes: Sequence[Write], on_job: OnJob) -> list[Outcome]:
        """Leave the stamp out."""
        bare = [
            replace(write, fields={name: value for name, value in write.fields.items() if name != stamp})
            for write in writes
        ]
        return cast("list[Outcome]", self._inner.create(vendor_object, stamp, bare, on_job))


class BlindRetry(Around):
    """A create whose answer was lost is sent again, as a plain insert."""

    def create(self, vendor_object: str, stamp: str, writes: Sequence[Write], on_job: OnJob) -> list[Outcome]:
        """Try again without the stamp that would find the first one."""
        outcomes = list(self._inner.create(vendor_object, stamp, writes, on_job))
        for number, outcome in enumerate(outcomes):
            if isinstance(outcome, Unknown):
                bare = {name: value for name, value in writes[number].fields.items() if name != stamp}
                outcomes[number] = self._inner.create(
                    vendor_object, stamp, [replace(writes[number], fields=bare)], on_job
                )[0]
        return outcomes


class Optimist(Around):
    """A lost answer to an update counts as done."""

    def update(self, vendor_object: str, writes: Sequence[Write], on_job: OnJob) -> list[Outcome]:
        """Hope for the best."""
        outcomes = self._inner.update(vendor_object, writes, on_job)
        return [
            Done(write.id or "") if isinstance(outcome, Unknown) else outcome
            for write, outcome in zip(writes, outcomes, strict=True)
        ]


class StaleLook(Around):
    """The last look before a write shows what was there when the run began."""

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        crm = inner.crm
        self._kept = {row.id: crm.record(row, list(crm.specs(row.vendor_object))) for row in crm.live()}

    def read(self, vendor_object: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        """An old picture."""
        now = self._inner.read(vendor_object, ids, fields)
        return [self._kept.get(record.id, record) for record in now]


class EarlyCursor(Around):
    """The next incremental read begins later than this one ended."""

    def changes(self, query: Query, mark: str | None) -> Reading:
        """Read, and lie about how far."""
        return cast("Reading", _Ahead(self._inner.changes(query, mark), self._inner.crm))


class _Ahead(Around):
    def __init__(self, inner: Any, crm: Any) -> None:
        super().__init__(inner)
        self._crm = crm

    def __iter__(self) -> Any:
        return iter(self._inner)

    @property
    def mark(self) -> str:
        """Beyond the overlap."""
        ahead = self._crm.now() + self._crm.overlap + timedelta(seconds=90)
        return str(ahead.isoformat() if self._crm.side == "hubspot" else self._crm.stamped(ahead))


# --- an engine that recovers wrongly ---------------------------------------------------------------------


def repeats_blindly(
    project: Project, store: Store, crms: Mapping[Side, Crm], seams: Seams, *, full: bool = False
) -> Result:
    """Recovery sends every open update again without looking."""
    mappings = {mapping.object: mapping for mapping in project.mappings}
    for intent in store.plans.open():
        for action, _ in intent.actions:
            if action.kind == "update":
                lines = {each.name: each for each in mappings[action.object].fields}
                fields = _texts(action, lines)
                crms[action.side].update(action.vendor_object, [Write(action.id, action.record, fields)], _no_job)
    return sync(project, store, crms, seams, full=full)


def _texts(action: Action, lines: Mapping[str, Any]) -> dict[str, Any]:
    """The plain texts of an action, by vendor field."""
    return {
        lines[change.field].vendor_name(action.side, action.vendor_object): change.after
        for change in action.changes
        if change.field in lines and lines[change.field].type == "text"
    }


def _no_job(_job: str) -> None:
    """Nothing is remembered."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A wrong engine, the scene and the sweep that show it, and the promise it breaks."""

    engine: Callable[..., Result]
    scene: str
    how: Sweep
    promise: int


MUTANTS: dict[str, Mutant] = {
    "ledger not written": Mutant(with_room(ledger=SilentLedger), "one_side", "calm", 1),
    "conflict dropped": Mutant(with_room(conflicts=DroppedConflicts), "both_sides", "calm", 1),
    "inbox dropped": Mutant(with_room(inbox=DroppedInbox), "duplicates", "calm", 1),
    "intents not written": Mutant(with_room(plans=NoIntents), "one_side", "kills", 1),
    "base moved before confirmation": Mutant(base_moved_early, "one_side", "kills", 3),
    "processed before applied": Mutant(with_room(mirror=ForgetfulMirror), "one_side", "calm", 1),
    "link does not follow": Mutant(with_room(links=FixedLinks), "conversion_known", "calm", 2),
    "created without stamp": Mutant(with_crms(Unstamped), "one_side", "calm", 2),
    "create repeated blindly": Mutant(with_crms(BlindRetry), "one_side", "lost", 2),
    "lost answer taken for done": Mutant(with_crms(Optimist), "one_side", "undone", 3),
    "stale check skipped": Mutant(with_crms(StaleLook), "one_side", "edits", 1),
    "cursor moved too early": Mutant(with_crms(EarlyCursor), "one_side", "edits", 1),
    "recovery repeats blindly": Mutant(repeats_blindly, "one_side", "edited after a kill", 1),
}
