"""Sandbox time: what `createdate`, `SystemModstamp` and every limit window are stamped with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """Real time plus an offset, or frozen at one instant."""

    def __init__(self) -> None:
        self._offset = timedelta()
        self._frozen: datetime | None = None

    def now(self) -> datetime:
        """The sandbox's present as an aware UTC time in whole milliseconds."""
        at = self._frozen or datetime.now(UTC) + self._offset
        return at.replace(microsecond=at.microsecond // 1000 * 1000)

    def set(self, at: datetime | None) -> None:
        """Freeze time at `at` (aware); None lets it run on from where it stands."""
        if at is None:
            self._offset = self.now() - datetime.now(UTC)
        self._frozen = at.astimezone(UTC) if at else None

    def advance(self, seconds: float) -> None:
        """Move time forward by `seconds`, frozen or running."""
        step = timedelta(seconds=seconds)
        if self._frozen:
            self._frozen += step
        else:
            self._offset += step
