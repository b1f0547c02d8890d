"""Reading back what was written gives the same value, whatever it was: nothing comes back as a change."""

from datetime import date

import pycountry
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.core.choices import Choices
from connector.core.values import Unreadable, canonical, render
from connector.model import SIDES, Field

OPTIONS = Choices({"a": ("Alpha", "Aleph"), "b": "Beta", "c": "Gamma"})
IDS = {"hubspot": "h{}", "salesforce": "s{}"}


def field(type_, **more):
    columns = {"hubspot": "a_property", "salesforce": {"Lead": "A_Field__c"}}
    return Field(name="it", type=type_, **(columns | more))


def to_link(of, side, id_):
    return id_[1:] or None


def to_id(of, side, link):
    return IDS[side].format(link)


def stays(of, side, raw, zone="Europe/Berlin"):
    """Whether `raw` survives reading, writing and reading again; unreadable values are not written at all."""
    try:
        value = canonical(of, side, raw, to_link, time_zone=zone)
    except Unreadable:
        return
    for other in SIDES:
        try:
            written = render(of, other, value, to_id, time_zone=zone)
        except Unreadable:
            continue
        assert canonical(of, other, written, to_link, time_zone=zone) == value


TEXTS = st.text(max_size=40)
PHONES = st.text(alphabet="0123456789 +-/().;,x\nextTel#?", max_size=24) | TEXTS
HOSTS = st.text(alphabet="abwüß.-:/@?# %", max_size=24) | TEXTS
NUMBERS = (
    st.integers(-(10**20), 10**20)
    | st.floats()
    | st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12).map(str)
    | st.text(alphabet="0123456789.,eE+- ", max_size=12)
)


@pytest.mark.parametrize("side", SIDES)
@given(raw=TEXTS)
def test_text_stays(side, raw):
    for type_ in ("text", "email", "enum", "multi"):
        stays(field(type_), side, raw)


@pytest.mark.parametrize("side", SIDES)
@given(raw=HOSTS)
def test_addresses_stay(side, raw):
    for type_ in ("domain", "url", "email"):
        stays(field(type_), side, raw)


@pytest.mark.parametrize("side", SIDES)
@given(raw=PHONES, region=st.sampled_from([None, "DE", "US", "IT", "CH"]))
@settings(max_examples=300)
def test_phones_stay(side, raw, region):
    stays(field("phone", region=region), side, raw)


@pytest.mark.parametrize("side", SIDES)
@given(raw=NUMBERS, decimals=st.sampled_from([None, 0, 2]))
def test_numbers_stay(side, raw, decimals):
    for type_ in ("number", "money"):
        stays(field(type_, decimals=decimals), side, raw)


@pytest.mark.parametrize("side", SIDES)
@given(raw=st.booleans() | st.sampled_from(["true", "false", "", None]))
def test_checkboxes_stay(side, raw):
    stays(field("bool"), side, raw)


@pytest.mark.parametrize("side", SIDES)
@given(
    raw=st.dates(min_value=date(1, 1, 2)).map(str)
    | st.datetimes().map(lambda at: at.isoformat() + "Z")
    | st.integers(0, 4 * 10**12),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland", "Asia/Kolkata"]),
)
def test_days_and_instants_stay(side, raw, zone):
    stays(field("date"), side, raw, zone)
    stays(field("date", hubspot="closedate"), side, raw, zone)
    stays(field("datetime"), side, raw, zone)


@pytest.mark.parametrize("code", sorted(each.alpha_2 for each in pycountry.countries))
def test_every_country_stays(code):
    stays(field("country"), "hubspot", code)
    assert canonical(field("country"), "hubspot", code, to_link) == code


@given(raw=st.lists(st.sampled_from(["a", "b", "c"])).map(";".join))
def test_options_stay(raw):
    stays(field("multi", values=OPTIONS), "hubspot", raw)
    stays(field("enum", values=OPTIONS), "hubspot", raw[:1])


@given(raw=st.lists(st.sampled_from(["Alpha", "Aleph", "Beta", "Gamma"])).map(";".join))
def test_options_of_salesforce_stay(raw):
    stays(field("multi", values=OPTIONS), "salesforce", raw)


@pytest.mark.parametrize("side", SIDES)
@given(ids=st.lists(st.integers(1, 99).map("r{}".format), max_size=4))
def test_links_stay(side, ids):
    stays(field("references", hubspot="associations.contacts"), side, ids)
    stays(field("reference", hubspot="associations.companies"), side, ids)
    stays(field("owner"), side, ids[0] if ids else None)
