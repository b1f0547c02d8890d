"""The story: what an admin would do in the first hour, told in a minute, with the real commands on two sandboxes."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connector.demo.agreed import Agreed
from connector.demo.chapter import Chapters
from connector.demo.days import Days
from connector.demo.edits import Cast, choose, play
from connector.demo.people import fill
from connector.engine.state_of import state_of
from connector.project import init, load
from connector.report.screen import Screen
from connector.sandbox.clock import Clock
from connector.sandbox.serve import SESSION, TOKEN, Desk, running
from connector.shell import commands_install as install
from connector.shell import commands_look as look
from connector.shell import commands_run as go
from connector.shell.stop import Stop
from connector.shell.typed import Ask, SideName

_ROWS = 5

_CONNECTOR = """\
# Two sandboxes on this machine; nothing here leaves it.
hubspot:
  url: {hubspot}
  auth: {{token_file: secrets/hubspot-token}}
salesforce:
  url: {salesforce}
  auth: {{session_file: secrets/salesforce-session}}
notify: {{to: [{{name: file, file: state/messages.jsonl}}]}}
log: {{level: warning}}
locale: en
"""


def tell(*, keep: bool, persons: int) -> int:
    """Tell the whole story; gives the exit code.

    Args:
        keep: leave the sandboxes and the project up until Ctrl-C.
        persons: how many people there are.

    Raises:
        ConnectorError: as the commands do.
    """
    screen = Screen()
    days = Days(Clock())
    days.go(0, 10)
    with _folder(keep=keep) as folder, running(bare=True, clock=days.clock) as desk:
        fill(desk, persons)
        _project(folder, desk)
        _Story(screen, folder, desk, days, persons).tell()
        days.back()
        if keep:
            _wait(screen, folder, desk)
        else:
            screen.say("Next:", "bold")
            screen.say("  revloop demo --keep        the same, and the sandboxes, the project and council.html stay")
            screen.say("  revloop init my-project    a project for your own portal and org")
    return 0


@dataclass(frozen=True, slots=True)
class _Story:
    screen: Screen
    folder: Path
    desk: Desk
    days: Days
    persons: int

    @property
    def _chapters(self) -> Chapters:
        return Chapters(self.screen)

    def tell(self) -> None:
        """Every chapter."""
        ask = Ask(self.folder, as_json=False)
        self._chapters.begin(
            f"Two CRMs are running here, with {self.persons} made-up people. Six of ten are in both, and the data has "
            "the usual dirt: doubles, other spellings, an owner who has left."
        )
        first = self.days.first
        self.screen.say(
            "The story takes ten days. So that none of them lies ahead, both CRMs and revloop take it to be "
            f"{first:%A}, {first.day} {first:%B %Y}, 10:00 in Berlin."
        )
        self._chapters.begin("First the fields, objects and rules that revloop needs, in both CRMs.", "revloop install")
        install.install(ask, plan=False, removing=False, confirm=None, user="")
        self._chapters.begin("Can they work together? The check only reads.", "revloop check")
        go.check(ask)
        self._chapters.begin("What would be written? Nothing is, yet.", f"revloop plan --limit {_ROWS}")
        go.plan(ask, out=None, limit=_ROWS, full=False)
        self._chapters.begin("That looks right. Now it is written.", "revloop sync")
        go.sync(ask, every=None, full=False)
        cast = self._edits()
        self._chapters.begin(
            "What follows from that? Field by field, with the reason.", f"revloop plan --limit {_ROWS}"
        )
        go.plan(ask, out=None, limit=_ROWS, full=False)
        self._chapters.begin("Written. What two people disagree about is left to them.", "revloop sync")
        go.sync(ask, every=None, full=False)
        self._chapters.begin("A third run finds nothing to write.", "revloop sync")
        go.sync(ask, every=None, full=False)
        self._same_person(ask, cast)
        self._decide(ask, cast)
        Agreed(self.screen, self._chapters, self.folder, self.desk, self.days).tell()

    def _same_person(self, ask: Ask, cast: Cast) -> None:
        before = cast.converted.salesforce
        words = f"The converted lead {before} became a contact. It is still the same person; no second one was made."
        self._chapters.begin(words, f"revloop explain {before} --field email")
        look.explain(ask, f"person:{before}", field="email")

    def _edits(self) -> Cast:
        with state_of(load(self.folder)) as store:
            cast = choose(self.desk, store)
        names = cast.names
        self._chapters.begin("Meanwhile people work.")
        for line in (
            f"Marketing gives {names[cast.promoted.id]} a new job title in HubSpot.",
            f"Sales corrects the phone number of {names[cast.moved.id]} in Salesforce.",
            f"Both give {names[cast.disputed.id]} a new job title, each another one.",
            f"A salesperson converts the lead {names[cast.converted.id]} to a contact.",
            "Somebody new fills in a form, and marketing finds them qualified.",
        ):
            self.screen.say(f"  {line}")
        play(self.desk, cast)
        return cast

    def _decide(self, ask: Ask, cast: Cast) -> None:
        self._chapters.begin("One conflict waits, with both values.", "revloop conflicts list")
        look.conflicts_list(ask)
        with state_of(load(self.folder)) as store:
            mine = [row.number for row in store.conflicts.list("open") if row.link == cast.disputed.id]
        for number in mine:
            self._chapters.begin("Sales knows better.", f"revloop conflicts resolve {number} --take salesforce")
            look.conflicts_resolve(ask, number, SideName.salesforce)
        self._chapters.begin("The next run carries the decision out.", "revloop sync")
        go.sync(ask, every=None, full=False)
        who = cast.disputed.hubspot
        self._chapters.begin("Where does that job title come from?", f"revloop explain {who} --field job_title")
        look.explain(ask, f"person:{who}", field="job_title")


@contextmanager
def _folder(*, keep: bool) -> Iterator[Path]:
    """A fresh folder for the project; it goes with the demo unless it is to be kept."""
    made = Path(tempfile.mkdtemp(prefix="revloop-demo-"))
    try:
        yield made
    finally:
        if not keep:
            shutil.rmtree(made, ignore_errors=True)


def _project(folder: Path, desk: Desk) -> None:
    """A project as `init` makes it, pointed at the sandboxes; job titles are decided by people."""
    init(folder)
    (folder / "connector.yaml").write_text(
        _CONNECTOR.format(hubspot=desk.hubspot_url, salesforce=desk.salesforce_url), encoding="utf-8"
    )
    for name, secret in (("hubspot-token", TOKEN), ("salesforce-session", SESSION)):
        path = folder / "secrets" / name
        path.touch(mode=0o600)
        path.write_text(secret, encoding="utf-8")
    mapping = folder / "mappings" / "person.yaml"
    text = mapping.read_text(encoding="utf-8")
    mapping.write_text(text.replace("salesforce: Title, winner: newest", "salesforce: Title, winner: ask"), "utf-8")


def _wait(screen: Screen, folder: Path, desk: Desk) -> None:
    """Stay up until Ctrl-C."""
    screen.say()
    screen.say("The sandboxes stay up until Ctrl-C, the project stays where it is:", "bold")
    screen.say(f"  HubSpot {desk.hubspot_url} · Salesforce {desk.salesforce_url}")
    screen.say(f"  revloop status --project {folder}")
    screen.say(f"  revloop errors --project {folder}")
    with Stop.on_signals() as stop:
        while not stop.wait(3600):
            pass
