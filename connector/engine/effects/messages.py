"""Delivering messages: what is due for one person goes out as one digest, to every channel that takes it.

A digest is formed once: its id and the channels that have taken it are kept with its effects, so that what is tried
again is the same digest, and goes only where it has not arrived. Killed between a delivery and its note, a file is
found to hold the digest; any other channel gets it again, with the same id in its text.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import orjson

from connector.engine.effects.carried import again_at
from connector.engine.effects.settling import Settling
from connector.engine.effects.trouble import TASKS, in_order
from connector.engine.seams import Work
from connector.notify.channel import Channel, Message, message_id
from connector.revops.rejection_effects import Notify
from connector.revops.rejection_reasons import Locale
from connector.revops.rejection_stored import effect_from
from connector.revops.rejection_texts import digests
from connector.state.effects import EffectState, Stored

logger = logging.getLogger("revloop.effects")

MESSAGES = frozenset({"Notify"})
PATIENCE = 3
"""So many digests in a row may fail on a channel; then it is left alone until the next run."""

_SETTLED = "settled before anybody was told"
_NO_CHANNEL = "no channel takes it: see `notify` in connector.yaml"


@dataclass(slots=True)
class _Digest:
    """One message and the effects that it settles; `by` are the channels that have taken it."""

    message: Message
    effects: list[Stored]
    by: list[str]

    @property
    def again(self) -> bool:
        """Whether it may have been delivered somewhere without our knowing."""
        return any(each.tries for each in self.effects)

    def answer(self) -> str:
        """What is kept with its effects."""
        return orjson.dumps({"digest": self.message.id, "by": self.by}).decode()


class Messages:
    """Delivers what is due."""

    def __init__(self, work: Work, channels: Sequence[Channel], settling: Settling, locale: Locale) -> None:
        self._work, self._channels, self._settling, self._locale = work, channels, settling, locale
        self._failures: Counter[str] = Counter()

    def carry(self) -> None:
        """Deliver everything that is due, digests that were tried before first.

        Raises:
            Interrupted, LaterError: the run has to end here; everything is resumable.
        """
        due = [each for chunk in self._work.store.effects.undone(self._settling.as_of, MESSAGES) for each in chunk]
        fresh = self._needed([each for each in due if not each.answer])
        for digest in [*self._formed(due), *self._digests(fresh, "", [])]:
            self._work.breathe()
            self._deliver(digest)

    # --- forming digests -----------------------------------------------------------------------------

    def _formed(self, due: Sequence[Stored]) -> Iterator[_Digest]:
        """The digests that were formed before."""
        groups: dict[str, list[Stored]] = {}
        for each in due:
            if each.answer:
                groups.setdefault(orjson.loads(each.answer)["digest"], []).append(each)
        for id_, effects in groups.items():
            yield from self._digests(effects, id_, orjson.loads(effects[0].answer or "")["by"])

    def _needed(self, fresh: Sequence[Stored]) -> list[Stored]:
        """Without what was settled before anybody was told, such as over the weekend."""
        closed: dict[str, bool] = {}
        for person in sorted({each.person for each in fresh if each.body.get("task")}):
            for each in in_order(self._work.store.effects.of_person(person)):
                if each.kind in TASKS:
                    closed[each.body["task"]] = each.kind == "CloseTask"
        pointless = [each for each in fresh if closed.get(each.body.get("task", ""), False)]
        if pointless:
            self._settling.settle([(each, "dropped", _SETTLED, None) for each in pointless])
            self._settling.carried.dropped += len(pointless)
        return [each for each in fresh if each not in pointless]

    def _digests(self, effects: Sequence[Stored], id_: str, by: list[str]) -> Iterator[_Digest]:
        """One digest for each person who has something to read."""
        notices: list[Notify] = []
        by_key = {each.key: each for each in effects}
        for each in effects:
            try:
                effect = effect_from(each.kind, each.body)
            except ValueError:
                self._settling.unreadable([each])
            else:
                assert isinstance(effect, Notify)
                notices.append(effect)
        for found in digests(notices, self._locale, self._settling.as_of):
            message = Message(
                id_ or message_id(found.to, found.keys),
                found.to,
                found.subject,
                found.lines,
                found.deliver_at,
                self._locale,
            )
            yield _Digest(message, [by_key[key] for key in found.keys], list(by))

    # --- delivering ----------------------------------------------------------------------------------

    def _deliver(self, digest: _Digest) -> None:
        channels = [each for each in self._channels if each.takes(digest.message.to)]
        missing = [each for each in channels if each.name not in digest.by]
        if not missing:
            self._end(digest, "done" if digest.by else "dropped")
            return
        if all(self._resting(each) for each in missing):
            return  # it keeps waiting, and may still grow
        again, troubles = digest.again, list[str]()
        self._note(digest, send=True)
        for channel in missing:
            trouble = self._tried(channel, digest, again=again)
            if trouble is None:
                digest.by.append(channel.name)
                self._note(digest)
            else:
                troubles.append(f"{channel.name}: {trouble}")
        if troubles:
            self._put_off(digest, troubles)
        else:
            self._end(digest, "done")

    def _tried(self, channel: Channel, digest: _Digest, *, again: bool) -> str | None:
        if self._resting(channel):
            return "left alone for this run, since it failed for others"
        trouble = channel.deliver(digest.message, again=again)
        self._failures[channel.name] = 0 if trouble is None else self._failures[channel.name] + 1
        if trouble is not None:
            facts = {"kind": "message", "count": len(digest.effects), "code": channel.name, "reason": trouble}
            logger.warning("message not delivered", extra={"run": self._work.run, **facts})
        return trouble

    def _resting(self, channel: Channel) -> bool:
        return self._failures[channel.name] >= PATIENCE

    def _note(self, digest: _Digest, *, send: bool = False) -> None:
        """Keep which digest it is and who has taken it; with `send`, that it is about to go out."""
        effects = self._work.store.effects
        with self._work.store.transaction():
            if send:
                effects.send([each.key for each in digest.effects])
            rows: list[tuple[str, EffectState, str, str | None]] = [
                (each.key, "sent", each.note, digest.answer()) for each in digest.effects
            ]
            effects.settle(rows)

    def _end(self, digest: _Digest, state: EffectState) -> None:
        note = ", ".join(digest.by) or _NO_CHANNEL
        self._settling.settle([(each, state, note, None) for each in digest.effects])
        if state == "done":
            self._settling.carried.sent += 1
        else:
            self._settling.carried.dropped += len(digest.effects)

    def _put_off(self, digest: _Digest, troubles: Sequence[str]) -> None:
        tries = max(each.tries for each in digest.effects) + 1
        at = again_at(self._settling.as_of, tries)
        times = "once" if tries == 1 else f"{tries} times"
        note = f"a message was not delivered ({'; '.join(troubles)}); tried {times}, next after {at:%Y-%m-%d %H:%M} UTC"
        self._settling.postpone([(each, at, note) for each in digest.effects])
        self._settling.carried.failed += len(digest.effects)
