"""The second half of the story: what marketing and sales agreed on, carried out in both CRMs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson

from connector.demo.chapter import Chapters
from connector.demo.sales import Sales
from connector.engine.state_of import state_of
from connector.errors import StateError
from connector.model import Link
from connector.project import load
from connector.report.screen import Screen, shown
from connector.sandbox.serve import Desk
from connector.shell import commands_attribution as share
from connector.shell import commands_report as report
from connector.shell import commands_rules as rule
from connector.shell import commands_run as go
from connector.shell import outside
from connector.shell.typed import Ask, FormName, LocaleName, Wish

BUYER = "petra.musterfrau@werkzeugbau-muster.example"
DAYS = 4
"""Enough for two working days, whichever day it is."""

MESSAGES = "state/messages.jsonl"
"""Where the demo's messages go, instead of mail or chat."""

_SHOWN = ("OpenTask", "Notify", "Escalate", "CloseTask")


@dataclass(frozen=True, slots=True)
class Agreed:
    """Tells it on the two sandboxes and the project of the first half."""

    screen: Screen
    chapters: Chapters
    folder: Path
    desk: Desk

    def tell(self) -> None:
        """Every chapter."""
        ask, sales = Ask(self.folder, as_json=False), Sales(self.desk)
        self._qualified(ask, sales)
        buyer = self._buyer()
        self._refused(sales, buyer)
        self._given_back(ask, sales, buyer)
        self._escalated(ask, sales, buyer)
        self._won(ask, sales)
        self._council(ask)

    def _qualified(self, ask: Ask, sales: Sales) -> None:
        self.chapters.begin("Now the rules. Somebody reads the prices, takes a white paper and asks for a demo.")
        with state_of(load(self.folder)) as store:
            sales.interested(BUYER, sales.team(store))
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
        self.chapters.begin(f"Nobody answers. {DAYS} days pass, and with them the time for an answer.")
        sales.wait(timedelta(days=DAYS))
        outside.skip(timedelta(days=DAYS))
        self._sync(ask, "The manager hears of it: once, with a task and a message.")
        self._effects(buyer)
        for message in self._messages():
            self.screen.say(f"  told {message['to']}: {shown(str(message['subject']), 100)}")

    def _won(self, ask: Ask, sales: Sales) -> None:
        with state_of(load(self.folder)) as store:
            deal = sales.win(store)
        self.chapters.begin("A white paper and a webinar later, sales wins a deal.")
        self._sync(ask, "Its touchpoints and credits are written into both CRMs.")
        self.chapters.begin("Who brought it?", f"revloop explain deal:{deal.salesforce} --attribution")
        share.explain(ask, f"deal:{deal.salesforce}", None)

    def _council(self, ask: Ask) -> None:
        month, file = f"{outside.now():%Y-%m}", self.folder / "council.html"
        command = f"revloop report council --month {month}"
        self.chapters.begin("For the lead council: the month in figures.", f"{command} --locale en")
        report.council(ask, Wish(LocaleName.en), month=month)
        words = "The same in German, as a page with charts to open in a browser and to print."
        self.chapters.begin(words, f"{command} --format html --out council.html")
        report.council(ask, Wish(None, FormName.html, file), month=month)

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
        """Tasks, messages and escalations of one person so far."""
        with state_of(load(self.folder)) as store:
            person = store.standings.get("person", [buyer.id])[buyer.id]["id"]
            for each in store.effects.of_person(person):
                if each.kind in _SHOWN:
                    words = each.body.get("subject") or each.body.get("line") or each.body.get("role") or ""
                    self.screen.say(f"  {each.kind}: {words} → {each.body.get('to', '')} ({each.state})")

    def _messages(self) -> Iterator[dict[str, Any]]:
        path = self.folder / MESSAGES
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            yield orjson.loads(line)
