"""The second half of the story: what marketing and sales agreed on, carried out in both CRMs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from connector.demo.chapter import Chapters
from connector.demo.days import LAST, Days
from connector.demo.sales import Sales
from connector.engine.state_of import state_of
from connector.errors import StateError
from connector.model import Link
from connector.project import load
from connector.report.screen import Screen, shown
from connector.sandbox.serve import Desk
from connector.shell import commands_attribution as share
from connector.shell import commands_look as look
from connector.shell import commands_report as report
from connector.shell import commands_rules as rule
from connector.shell import commands_run as go
from connector.shell import outside
from connector.shell.typed import Ask, FormName, LocaleName, Wish

BUYER = "petra.musterfrau@werkzeugbau-muster.example"
MESSAGES = "state/messages.jsonl"
"""Where the demo's messages go, instead of mail or chat."""

_SHOWN = {
    "OpenTask": "task opened",
    "CloseTask": "task closed",
    "Notify": "message",
    "Escalate": "escalated to",
}
"""What is shown of the effects of a person, and in which words."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """Tells it on the two sandboxes and the project of the first half."""

    screen: Screen
    chapters: Chapters
    folder: Path
    desk: Desk
    days: Days
    _told: set[str] = field(default_factory=set)

    def tell(self) -> None:
        """Every chapter."""
        ask, sales = Ask(self.folder, as_json=False), Sales(self.desk)
        self._qualified(ask, sales)
        buyer = self._buyer()
        self._refused(sales, buyer)
        self._given_back(ask, sales, buyer)
        self._escalated(ask, sales, buyer)
        deal = self._opened(ask, sales, buyer)
        self._won(ask, sales, deal)
        self._council(ask)

    def _qualified(self, ask: Ask, sales: Sales) -> None:
        self.days.go(0, 11)
        self.chapters.begin("Now the rules. At 11:00 somebody clicks an ad and takes a white paper.")
        with state_of(load(self.folder)) as store:
            sales.takes_white_paper(BUYER, sales.team(store))
        self.days.go(0, 13)
        self.chapters.begin("At 13:00 the newsletter brings her back: she reads the prices and asks for a demo.")
        sales.asks_for_demo(BUYER)
        self._sync(ask, "That makes an MQL in HubSpot, and in the same run a lead in Salesforce.")
        self.chapters.begin("Why? Line by line, as marketing and sales agreed.", f"revloop score {BUYER}")
        rule.score(ask, BUYER, everybody=False, as_of=None)

    def _refused(self, sales: Sales, buyer: Link) -> None:
        self.chapters.begin("A salesperson turns the lead down in Salesforce, without a reason. Salesforce answers:")
        for line in sales.reject_in_salesforce(buyer.salesforce):
            self.screen.say(f"  {line}", "yellow")

    def _given_back(self, ask: Ask, sales: Sales, buyer: Link) -> None:
        self.chapters.begin("In HubSpot nothing stops it: there somebody sets the lead to UNQUALIFIED.")
        sales.reject_in_hubspot(buyer.hubspot)
        self._sync(ask, "revloop gives the status back, opens one task, and tells the owner.")
        self._effects(buyer)
        self._sync(ask, "Once is enough: the next run writes nothing and asks nobody again.")

    def _escalated(self, ask: Ask, sales: Sales, buyer: Link) -> None:
        self.days.go(3, 10)
        self.chapters.begin("Nobody answers until Friday, 10:00: the time for an answer is over.")
        self._sync(ask, "The manager hears of it: once, with a task and a message.")
        self._effects(buyer)
        for message in self._messages():
            self.screen.say(f"  told {message['to']}: {shown('; '.join(message['lines']), 100)}")
        self.days.go(3, 11)
        self.chapters.begin("The manager sees to it: an hour later sales takes the lead after all.")
        sales.accept(buyer.salesforce)
        self._sync(ask, "Nobody waits for an answer any more.")
        self._effects(buyer)

    def _opened(self, ask: Ask, sales: Sales, buyer: Link) -> str:
        """The webinar on Monday, the deal on Tuesday; gives its id in Salesforce."""
        self.days.go(6, 15)
        sales.hold_webinar(BUYER)
        self.days.go(7, 10)
        deal = sales.convert(buyer.salesforce)
        self.chapters.begin(
            "On Monday she comes to a webinar. On Tuesday sales converts the lead: a contact, an account and a deal."
        )
        self._sync(ask, "HubSpot gets the deal, and both CRMs what led to it.")
        return deal

    def _won(self, ask: Ask, sales: Sales, deal: str) -> None:
        self.days.go(8, 11)
        sales.asks_for_offer(BUYER)
        sales.win(deal, self.days.day(8))
        self.days.go(LAST, 10)
        self.chapters.begin("On Wednesday she asks for an offer, and sales wins the deal. It is Thursday now.")
        self._sync(ask, "The deal's credits are written into both CRMs.")
        self.chapters.begin("Who brought it?", f"revloop explain deal:{deal} --attribution")
        share.explain(ask, f"deal:{deal}", None)
        self.chapters.begin("Did marketing bring it?", f"revloop explain deal:{deal} --field revops_sourced")
        look.explain(ask, f"deal:{deal}", field="revops_sourced")

    def _council(self, ask: Ask) -> None:
        month, file = f"{outside.now():%Y-%m}", self.folder / "council.html"
        command = f"revloop report council --month {month}"
        self.chapters.begin("For the lead council: the month in figures.", command)
        report.council(ask, Wish(), month=month)
        words = "The same in German, as a page with charts to open in a browser and to print."
        self.chapters.begin(words, f"{command} --locale de --format html --out council.html")
        report.council(ask, Wish(LocaleName.de, FormName.html, file), month=month)

    # --- what is shown -------------------------------------------------------------------------------

    def _sync(self, ask: Ask, words: str) -> None:
        self.chapters.begin(words, "revloop sync")
        go.sync(ask, every=None, full=False)

    def _buyer(self) -> Link:
        """The pair that the run made.

        Raises:
            StateError: it made none.
        """
        with state_of(load(self.folder)) as store:
            found = store.mirror.candidates("person", "hubspot", "email", {BUYER}).get(BUYER, [])
            link = store.links.find("person", hubspot=found[0][0]) if found else None
        if link is None:
            raise StateError("the demo's buyer was not synced; run it again")
        return link

    def _effects(self, buyer: Link) -> None:
        """Tasks, messages and escalations of one person that were not shown yet."""
        with state_of(load(self.folder)) as store:
            person = store.standings.get("person", [buyer.id])[buyer.id]["id"]
            found = [each for each in store.effects.of_person(person) if each.kind in _SHOWN]
        tasks = {each.body["task"]: each.body for each in found if each.kind == "OpenTask"}
        for each in found:
            if each.key not in self._told:
                self._told.add(each.key)
                body = tasks[each.body["task"]] if each.kind == "CloseTask" else each.body
                words = body.get("subject") or body.get("line") or body.get("role")
                self.screen.say(f"  {_SHOWN[each.kind]}: {words} → {body['to']} ({each.state})")

    def _messages(self) -> Iterator[dict[str, Any]]:
        path = self.folder / MESSAGES
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            yield orjson.loads(line)
