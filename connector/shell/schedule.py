"""`sync --every`: run for ever. What stops one run is logged and does not stop the next."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from typing import NoReturn

from connector.engine.seams import Interrupted, Result
from connector.errors import ConnectorError, LaterError, SettingsError
from connector.shell.stop import Stop

logger = logging.getLogger("revloop.schedule")

_DURATION = re.compile(r"(\d{1,5})(s|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LOOK_AT = 3
"""From this exit code on somebody or something has to act."""


def seconds(text: str) -> float:
    """The seconds of `90s`, `15m`, `2h` or `1d`.

    Raises:
        SettingsError: it is none of these, or no time at all.
    """
    found = _DURATION.fullmatch(text.strip())
    if not found or not int(found[1]):
        raise SettingsError("--every takes a time such as 90s, 15m, 2h or 1d")
    return float(int(found[1]) * _SECONDS[found[2]])


def repeat(once: Callable[[], Result], every: float, stop: Stop) -> NoReturn:
    """Run at every tick until somebody stops it; a run that takes longer is followed at once.

    Raises:
        Interrupted: somebody wanted it to end.
    """
    while True:
        began, wait = time.monotonic(), every
        try:
            result = once()
            if result.exit_code >= _LOOK_AT:
                reason = "; ".join(result.reasons)
                facts = {"run": result.run, "exit_code": result.exit_code, "reason": reason}
                logger.error("run needs attention", extra=facts)
        except Interrupted:
            raise
        except LaterError as error:
            wait = max(error.after, 1.0)
            _log(error, wait)
        except ConnectorError as error:
            _log(error, every)
        if stop.wait(began + wait - time.monotonic() if wait == every else wait):
            raise Interrupted("stopped between two runs")


def _log(error: ConnectorError, wait: float) -> None:
    facts = {"exit_code": error.exit_code, "reason": str(error), "after": round(wait)}
    logger.error("run stopped", extra=facts)
