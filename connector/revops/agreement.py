"""What marketing and sales agreed on: all rule files of a project together, checked. A part that is off is None."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from connector.revops.attribution_config import AttributionConfig
from connector.revops.calendars import Calendars
from connector.revops.lifecycle import Lifecycle
from connector.revops.rejection_config import RejectionConfig
from connector.revops.scoring_config import ScoringConfig
from connector.revops.signals import Signals

Locale = Literal["de", "en"]


@dataclass(frozen=True, slots=True)
class Agreement:
    """The rules in force; `locale` is the language of what is written into the CRMs."""

    scoring: ScoringConfig | None = None
    lifecycle: Lifecycle | None = None
    rejection: RejectionConfig | None = None
    attribution: AttributionConfig | None = None
    calendars: Calendars = field(default_factory=Calendars)
    signals: Signals = field(default_factory=Signals)
    locale: Locale = "de"

    @property
    def empty(self) -> bool:
        """Whether nothing is derived at all."""
        return not (self.scoring or self.lifecycle or self.rejection or self.attribution)
