"""What `explain --attribution` and `report attribution` print: numbers, plurals, and what stands in for credits."""

import pytest
from attribution_cases import ATTRIBUTOR, CLOSE, CONFIG, DAY, deal, touch

from connector.engine.derive.attributed import LeftOut, OneDeal, Whole
from connector.engine.derive.credits import Attributed
from connector.engine.derive.deals import Case
from connector.engine.derive.units import Unit
from connector.report.attribution import print_deal, print_whole
from connector.report.screen import Screen
from connector.revops.attribution_totals import Totals

TOUCHES = (touch(40), touch(20, code="EMAIL"), touch(5, code="Campaign:Webinar"))


def attributed():
    return ATTRIBUTOR.attribute(deal(), TOUCHES, CLOSE + DAY)


def told(capsys, locale, left=LeftOut(), summary=""):  # noqa: B008 - never changed
    one = OneDeal(Attributed(Case(Unit("deal", "deal-1"), []), attributed()), left)
    print_deal(Screen(), "Press", one, [], locale, summary)
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("locale", "count", "line"),
    [
        (
            "en", 1,
            "Left out: 1 touch without consent, 1 touch that lies ahead, 1 click of a robot, 1 further page of a visit",
        ),
        (
            "en", 2000,
            ("Left out: 2,000 touches without consent, 2,000 touches that lie ahead, 2,000 clicks of robots, "
            "2,000 further pages of a visit"),
        ),
        (
            "de", 1,
            ("Nicht gezählt: 1 Kontaktpunkt ohne Einwilligung, 1 Kontaktpunkt in der Zukunft, 1 Klick eines Robots, "
            "1 weitere Seite eines Besuchs"),
        ),
        (
            "de", 2000,
            ("Nicht gezählt: 2.000 Kontaktpunkte ohne Einwilligung, 2.000 Kontaktpunkte in der Zukunft, "
            "2.000 Klicks von Robots, 2.000 weitere Seiten eines Besuchs"),
        ),
    ],
)  # fmt: skip
def test_what_is_left_out_is_counted_in_the_right_number(capsys, locale, count, line):
    assert line in told(capsys, locale, LeftOut(count, count, count, count)).splitlines()


@pytest.mark.parametrize("locale", ["en", "de"])
def test_what_does_not_occur_is_not_told(capsys, locale):
    assert "Left out" not in told(capsys, locale)
    assert "gezählt" not in told(capsys, locale)


@pytest.mark.parametrize(
    ("locale", "carried", "waiting"),
    [
        (
            "en",
            "No credits in HubSpot, which has no custom objects below Enterprise: the deal carries revops_attr_summary",
            "No credits in {} yet",
        ),
        (
            "de",
            (
                "Keine Anteile in HubSpot, das unter Enterprise keine Custom Objects hat: am Deal steht "
                "revops_attr_summary"
            ),
            "Noch keine Anteile in {}",
        ),
    ],
)
def test_where_there_are_no_custom_objects_the_field_is_named(capsys, locale, carried, waiting):
    lines = told(capsys, locale, summary="revops_attr_summary").splitlines()
    assert carried in lines
    assert waiting.format("HubSpot") not in lines
    assert waiting.format("Salesforce") in lines
    assert waiting.format("HubSpot") in told(capsys, locale).splitlines()


def test_money_and_shares_have_one_decimal_sign(capsys):
    totals = Totals(CONFIG)
    totals.add(attributed())
    whole = Whole(totals.close(), 1, 0, 0)
    print_whole(Screen(), whole, None, None, "de")
    german = capsys.readouterr().out
    assert "33,34" in german
    assert "33.3" not in german
    print_whole(Screen(), whole, None, None, "en")
    english = capsys.readouterr().out
    assert "33.34" in english
    assert "33,3" not in english
