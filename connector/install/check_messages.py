"""Whether messages will reach people: each channel is looked at, and on request a test message goes through it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from connector.install.finding import Finding
from connector.notify.channel import Channel
from connector.revops.rejection_reasons import Locale

_WHERE = "connector.yaml"


def check_messages(channels: Sequence[Channel], *, test: bool, locale: Locale, at: datetime) -> Iterator[Finding]:
    """Look at every channel; with `test` each one that could work delivers a message that says that it is a test."""
    if not channels:
        what = "no channel for messages: whoever has to give a reason or an answer finds only the task in the CRM"
        yield Finding("info", _WHERE, what, "name a mail, Slack or Teams channel under `notify` in connector.yaml")
    for channel in channels:
        yield from _channel(channel, test=test, locale=locale, at=at)


def _channel(channel: Channel, *, test: bool, locale: Locale, at: datetime) -> Iterator[Finding]:
    where = f"notify {channel.name}"
    problem, doubts = channel.look()
    if problem is not None:
        yield Finding("error", where, problem, "correct the channel under `notify` in connector.yaml, or take it out")
        return
    for doubt in doubts:
        yield Finding("warning", where, doubt, "correct the URL, unless you meant it so")
    if not test:
        yield Finding("info", where, "understood; `revloop check --send-test` sends a test message through it")
        return
    problem = channel.test(locale, at)
    if problem is None:
        yield Finding("info", where, "took a test message: see that it has arrived")
    else:
        do = "see what the service says of the URL, the user and the network, then type `revloop check --send-test`"
        yield Finding("error", where, f"did not take a test message: {problem}", do)
