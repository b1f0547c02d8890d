"""How the story is told: a sentence, the command that a reader would type, and a breath where somebody is reading."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

from connector.report.screen import Screen

_BREATH = 1.2
"""Seconds between two steps where a person is reading."""


@dataclass(frozen=True, slots=True)
class Chapters:
    """Tells what happens next."""

    screen: Screen

    def begin(self, text: str, command: str = "") -> None:
        """One step; `command` is what one would type for it."""
        if sys.stdout.isatty():
            time.sleep(_BREATH)
        self.screen.say()
        self.screen.say(text, "bold")
        if command:
            self.screen.say(f"$ {command}", "cyan")
