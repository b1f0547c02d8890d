"""Short words for deals and touches in the tests of attribution."""

from decimal import Decimal

from connector.revops.attribution import Attributor
from connector.revops.attribution_config import MODELS, AttributionConfig
from connector.revops.attribution_path import Deal
from connector.revops.attribution_touch import Desk
from connector.revops.money import to_minor

DAY = 86_400
CLOSE = 1_795_176_000  # 2026-11-20 12:00 UTC
CONFIG = AttributionConfig(models=MODELS)
ATTRIBUTOR = Attributor(CONFIG)
DESK = Desk(CONFIG, "1234567", "00D000000000001AAA")


def touch(days_before, *, code="PAID_SEARCH", record=None, desk=DESK, person="p1", event="form", **more):
    """A touch so many days before the close."""
    at = CLOSE - int(Decimal(str(days_before)) * DAY)
    made = desk.touch(person, "hubspot", record or f"r{days_before}", event, at * 1000, code, **more)
    assert made is not None
    return made


def deal(amount="100.00", *, created=14, lead=49, currency="EUR", closed=0, outcome="won", key="deal-1", **more):
    """A deal by days before its close; `lead` None is unknown, `closed` None is open."""
    return Deal(
        key=key,
        amount=None if amount is None else to_minor(amount, currency),
        currency=currency,
        created=CLOSE - created * DAY,
        closed=None if closed is None else CLOSE - int(Decimal(str(closed)) * DAY),
        outcome=outcome,
        lead_at=None if lead is None else CLOSE - lead * DAY,
        **more,
    )


def shares(deal_, touches, model, attributor=ATTRIBUTOR, as_of=CLOSE + DAY):
    """One model's minor units along the path."""
    return list(attributor.attribute(deal_, touches, as_of).shares[model].amounts)
