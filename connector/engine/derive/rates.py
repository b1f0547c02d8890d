"""Exchange rates into the reporting currency, as Salesforce keeps them by day; without one no second amount."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal, InvalidOperation

from connector.engine.seams import Work
from connector.errors import SettingsError
from connector.model import Record
from connector.revops.attribution_config import AttributionConfig
from connector.revops.money import DatedRate, Rates

DATED = "DatedConversionRate"
"""Source: object reference, «DatedConversionRate»: there where an org keeps dated exchange rates; a rate is so many
units of the currency for one unit of the corporate currency."""
_COLUMNS = ("IsoCode", "StartDate", "ConversionRate")


class ReportingRates:
    """The rates that a run has needed so far; each currency is asked for once."""

    def __init__(self, work: Work, config: AttributionConfig) -> None:
        self._work, self._reporting = work, config.reporting_currency
        corporate = work.store.get("currency.salesforce") or ""
        # Rates are against the corporate currency: into another one they would have to be crossed.
        self._may_ask = "salesforce" in work.crms and corporate == self._reporting
        self._lines: list[DatedRate] = []
        self._asked: set[str] = {corporate}
        self._made: Rates | None = None

    def of(self, currencies: Collection[str]) -> Rates | None:
        """Rates that know these currencies, as far as Salesforce does; None where nothing is to be converted."""
        if self._reporting is None:
            return None
        fresh = {each for each in currencies if each not in self._asked} if self._may_ask else set()
        if fresh or self._made is None:
            self._lines += self._read(fresh)
            self._asked |= fresh
            self._made = Rates(self._reporting, self._lines)
        return self._made

    def _read(self, currencies: set[str]) -> list[DatedRate]:
        if not currencies:
            return []
        try:
            found = self._work.crms["salesforce"].find(DATED, "IsoCode", sorted(currencies), _COLUMNS)
        except SettingsError:  # the org keeps no dated rates
            self._may_ask = False
            return []
        return [line for record in found if (line := _line(record)) is not None]


def _line(record: Record) -> DatedRate | None:
    raw = record.fields
    try:
        units = Decimal(str(raw.get("ConversionRate")))
        line = DatedRate(str(raw.get("IsoCode")), date.fromisoformat(str(raw.get("StartDate"))), units)
    except (InvalidOperation, ValueError):
        return None
    return line if units > 0 else None
