"""What «48 h» means: worked example 0-A with its 18 instants, and the properties of the three clocks."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.errors import SettingsError
from connector.revops.calendars import FULL_DAY, MODES, OFFICE, Calendar, Calendars, countries, lands
from connector.revops.clocks import Span, due, due_over, next_opening, running, running_over, spans

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
GERMANY = Calendar("de", country="DE")
SACHSEN = Calendar("leipzig", country="DE", land="SN")
BAYERN = Calendar("muenchen", country="DE", land="BY")
DATED = Calendar("dated", closed=frozenset({date(2026, 12, 25), date(2026, 12, 26)}))
ALWAYS = Calendar("always", zone="UTC", week=(((0, FULL_DAY),),) * 7)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


# 0-A: start, calendar, then the instant for elapsed 48h, working_days 48h and business_hours 16h.
TABLE = [
    ("2026-11-20 16:00", Calendar(), "2026-11-22 16:00", "2026-11-24 16:00", "2026-11-24 16:00"),
    ("2026-11-21 12:00", Calendar(), "2026-11-23 12:00", "2026-11-25 00:00", "2026-11-24 17:00"),
    ("2026-12-23 16:00", GERMANY, "2026-12-25 16:00", "2026-12-28 16:00", "2026-12-28 16:00"),
    ("2026-11-17 10:00", SACHSEN, "2026-11-19 10:00", "2026-11-20 10:00", "2026-11-20 10:00"),
    ("2026-11-17 10:00", BAYERN, "2026-11-19 10:00", "2026-11-19 10:00", "2026-11-19 10:00"),
    ("2026-03-28 10:00", Calendar(), "2026-03-30 11:00", "2026-04-01 00:00", "2026-03-31 17:00"),
]
INSTANTS = [
    (row[0], row[1], mode, target, expected)
    for row in TABLE
    for mode, target, expected in zip(MODES, (48, 48, 16), row[2:], strict=True)
]


@pytest.mark.parametrize(
    ("start", "calendar", "mode", "target", "expected"),
    INSTANTS,
    ids=[f"{row[0]}-{row[1].name}-{row[2]}" for row in INSTANTS],
)
def test_worked_example_0_a(start, calendar, mode, target, expected):
    found = due(at(start), target * HOUR, mode, calendar)
    assert found == at(expected)
    assert found.tzinfo is UTC


def test_the_table_has_eighteen_instants():
    assert len(INSTANTS) == 18


def test_explicit_dates_do_the_same_as_the_land():
    assert due(at("2026-12-23 16:00"), 48 * HOUR, "working_days", DATED) == at("2026-12-28 16:00")


@pytest.mark.parametrize(
    ("start", "hours", "mode", "expected"),
    [
        ("2026-11-20 09:00", 8, "business_hours", "2026-11-20 17:00"),  # due at closing time, not at Monday's opening
        ("2026-11-20 17:00", 1, "business_hours", "2026-11-23 10:00"),
        ("2026-11-20 08:59", 1, "business_hours", "2026-11-20 10:00"),
        ("2026-11-20 00:00", 24, "working_days", "2026-11-21 00:00"),  # the midnight that ends Friday
        ("2026-11-21 00:00", 1, "working_days", "2026-11-23 01:00"),
        ("2026-11-22 12:00", 0, "business_hours", "2026-11-22 12:00"),  # nothing to wait for
    ],
)
def test_the_end_of_a_window_belongs_to_it(start, hours, mode, expected):
    assert due(at(start), hours * HOUR, mode, Calendar()) == at(expected)


def test_two_windows_in_a_day():
    lunch = Calendar(week=(((540, 720), (780, 1020)),) * 5 + ((), ()))
    assert due(at("2026-11-23 11:00"), 2 * HOUR, "business_hours", lunch) == at("2026-11-23 14:00")
    assert due(at("2026-11-23 11:00"), HOUR, "business_hours", lunch) == at("2026-11-23 12:00")
    assert running(at("2026-11-23 11:30"), at("2026-11-23 13:30"), "business_hours", lunch) == HOUR
    assert next_opening(at("2026-11-23 12:30"), lunch) == at("2026-11-23 13:00")


def test_half_days_stay_working_days():
    half = Calendar(country="DE", half_days={"12-24": ((540, 720),), "2026-12-31": ()})
    assert due(at("2026-12-24 09:00"), 4 * HOUR, "business_hours", half) == at("2026-12-28 10:00")
    assert due(at("2026-12-24 09:00"), 24 * HOUR, "working_days", half) == at("2026-12-28 09:00")
    assert due(at("2026-12-31 09:00"), HOUR, "business_hours", half) == at("2027-01-04 10:00")
    # the year is named: another year is an ordinary day
    assert due(at("2027-12-31 09:00"), HOUR, "business_hours", half) == at("2027-12-31 10:00")


def test_a_half_day_on_a_sunday_is_no_working_day():
    assert not Calendar(half_days={"01-03": OFFICE}).windows(date(2027, 1, 3), "working_days")


def test_nights_of_clock_change():
    whole_week = Calendar("site", week=(((0, FULL_DAY),),) * 7)
    # 2026-10-25 has 25 hours: 24 of them on the wall clock end a day later at the same time
    assert due(at("2026-10-24 12:00"), 24 * HOUR, "working_days", whole_week) == at("2026-10-25 12:00")
    assert due(at("2026-10-24 12:00"), 24 * HOUR, "elapsed", whole_week) == at("2026-10-25 11:00")
    # 02:30 comes twice: a clock started in the second one does not run out before it began
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert due(second, timedelta(minutes=10), "business_hours", whole_week) == second + timedelta(minutes=10)
    # 02:30 does not exist on 2026-03-29
    assert due(at("2026-03-29 01:30"), HOUR, "business_hours", whole_week) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-20 16:59", "2026-11-20 16:59"),
        ("2026-11-20 17:00", "2026-11-20 17:00"),
        ("2026-11-20 17:01", "2026-11-23 09:00"),
        ("2026-11-23 03:00", "2026-11-23 09:00"),
        ("2026-12-24 18:00", "2026-12-28 09:00"),
    ],
)
def test_delivered_at_the_next_opening(moment, expected):
    assert next_opening(at(moment), GERMANY) == at(expected)


@pytest.mark.parametrize(
    ("land", "free"),
    [
        ("SN", "2026-11-18"),
        ("BY", "2026-01-06"),
        ("BE", "2026-03-08"),
        ("TH", "2026-09-20"),
        ("NW", "2026-06-04"),
        ("HH", "2026-10-31"),
    ],
)
def test_each_land_has_its_own_holidays(land, free):
    assert Calendar(country="DE", land=land).holiday(date.fromisoformat(free))
    assert not GERMANY.holiday(date.fromisoformat(free))


def test_mariae_himmelfahrt_depends_on_the_municipality():
    day = date(2026, 8, 15)
    assert not BAYERN.holiday(day)
    assert Calendar(country="DE", land="BY", catholic=True).holiday(day)


def test_sixteen_laender_by_code_and_by_name():
    known = lands("DE")
    assert {known[name] for name in ("Sachsen", "Thüringen", "NW")} == {"SN", "TH", "NW"}
    assert len({code for code in known.values() if len(code) == 2}) == 16
    assert lands("XX") == {}
    assert "DE" in countries()


def test_the_calendar_of_the_owners_site():
    sites = Calendars(GERMANY, {"leipzig": SACHSEN}, {"anna.muster@example.com": "leipzig"})
    assert sites.of("anna.muster@example.com") is SACHSEN
    assert sites.of("somebody@example.com") is GERMANY
    assert sites.of(None) is GERMANY


def test_a_calendar_that_never_opens_is_a_mistake_in_a_file():
    with pytest.raises(SettingsError, match=r"the calendar 'shut' has no working day in four years"):
        due(at("2026-11-20 16:00"), HOUR, "business_hours", Calendar("shut", week=((),) * 7))


def test_a_naive_instant_is_refused():
    naive = at("2026-11-20 16:00").replace(tzinfo=None)
    for mode in MODES:
        with pytest.raises(ValueError, match="time zone"):
            due(naive, HOUR, mode, GERMANY)
        with pytest.raises(ValueError, match="time zone"):
            running(naive, at("2026-11-21 16:00"), mode, GERMANY)
    with pytest.raises(ValueError, match="negative"):
        due(at("2026-11-20 16:00"), -HOUR, "elapsed", GERMANY)


# --- pauses ---------------------------------------------------------------------------------------------


def test_a_pause_moves_the_end():
    parts = spans(at("2026-11-20 16:00"), Calendar(), [(at("2026-11-23 10:00"), at("2026-11-23 14:00"))])
    assert due_over(parts, 48 * HOUR, "working_days") == at("2026-11-24 20:00")
    assert due_over(parts, 16 * HOUR, "business_hours") == at("2026-11-25 12:00")
    assert running_over(parts, at("2026-11-23 12:00"), "business_hours") == 2 * HOUR


def test_a_pause_that_lasts_has_no_end():
    parts = spans(at("2026-11-20 16:00"), Calendar(), [(at("2026-11-23 10:00"), None)])
    assert due_over(parts, 16 * HOUR, "business_hours") is None
    assert due_over(parts, HOUR, "business_hours") == at("2026-11-20 17:00")


def test_a_pause_from_exactly_the_end_does_not_move_it():
    parts = spans(at("2026-11-20 16:00"), Calendar(), [(at("2026-11-20 17:00"), None)])
    assert due_over(parts, HOUR, "business_hours") == at("2026-11-20 17:00")


def test_pauses_overlap_touch_and_come_in_any_order():
    pauses = [
        (at("2026-11-23 12:00"), at("2026-11-23 14:00")),
        (at("2026-11-23 10:00"), at("2026-11-23 13:00")),
        (at("2026-11-23 10:30"), at("2026-11-23 11:00")),
        (at("2026-11-01 10:00"), at("2026-11-02 10:00")),
        (at("2026-11-23 14:00"), at("2026-11-23 15:00")),
    ]
    for order in (pauses, pauses[::-1], sorted(pauses, key=str)):
        parts = spans(at("2026-11-23 09:00"), Calendar(), order)
        assert due_over(parts, 2 * HOUR, "business_hours") == at("2026-11-23 16:00")


def test_a_clock_that_moves_to_another_site():
    parts = [
        Span(at("2026-11-17 10:00"), at("2026-11-17 16:00"), BAYERN),
        Span(at("2026-11-17 16:00"), None, SACHSEN),
    ]
    assert due_over(parts, 16 * HOUR, "business_hours") == at("2026-11-20 10:00")


# --- properties -----------------------------------------------------------------------------------------

moments = st.datetimes(datetime(2025, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001  (the bounds are naive by hypothesis' rule)
targets = st.integers(0, 60 * 24 * 20).map(lambda minutes: timedelta(minutes=minutes))
modes = st.sampled_from(MODES)
calendars = st.sampled_from([GERMANY, SACHSEN, BAYERN, Calendar("utc", zone="UTC"), ALWAYS])


@settings(deadline=None)
@given(moments, targets, modes, st.sampled_from([Calendar("utc", zone="UTC"), ALWAYS]))
def test_a_clock_ran_for_its_target_when_it_is_due(start, target, mode, calendar):
    assert running(start, due(start, target, mode, calendar), mode, calendar) == target


@settings(deadline=None)
@given(moments, targets, targets, modes, calendars)
def test_more_to_wait_is_never_earlier(start, one, other, mode, calendar):
    first, second = sorted((one, other))
    assert start <= due(start, first, mode, calendar) <= due(start, second, mode, calendar)


@settings(deadline=None)
@given(moments, targets, targets, st.sampled_from([Calendar("utc", zone="UTC"), ALWAYS]), modes)
def test_stretches_add_up(start, one, other, calendar, mode):
    middle, end = start + one, start + one + other
    whole = running(start, end, mode, calendar)
    assert running(start, middle, mode, calendar) + running(middle, end, mode, calendar) == whole


@settings(deadline=None)
@given(moments, targets, modes, st.lists(st.tuples(moments, targets), max_size=4))
def test_pauses_never_shorten_a_clock(start, target, mode, pauses):
    calendar = Calendar("utc", zone="UTC")
    parts = spans(start, calendar, [(begin, begin + length) for begin, length in pauses])
    assert parts[0].start == start
    assert all(one.end == other.start for one, other in pairwise(parts))
    found = due_over(parts, target, mode)
    assert found is not None
    assert found >= due(start, target, mode, calendar)
    assert running_over(parts, found, mode) == target
