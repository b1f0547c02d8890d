"""What is kept of the address of a page."""

import pytest

from connector.crm.page_address import page, site

KEEP = "https://example.com/pricing?utm_source=news&utm_medium=e-mail"


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        (KEEP, KEEP),
        (f"{KEEP}&email=ann@example.com&token=s3cret#anchor", KEEP),
        ("https://example.com/pricing?email=ann@example.com", "https://example.com/pricing"),
        ("https://example.com/?utm_term=ann@example.com&utm_content=a%20b", "https://example.com/?utm_content=a+b"),
        ("https://ann:secret@example.com:8443/a", "https://example.com:8443/a"),
        ("example.com/a?b=c", "//example.com/a"),
        ("/pricing?b=c", "/pricing"),
        ("https://example.com/leave/ann@example.com/now", "https://example.com/leave/_/now"),
        ("https://example.com/leave/ann%40example.com", "https://example.com/leave/_"),
        ("mailto:ann@example.com", "//example.com"),
        ("http://[::bad", ""),
        ("http://example.com:port/", ""),
        ("no address at all", ""),
        ("", ""),
        (None, ""),
        (7, ""),
    ],
)
def test_a_page_keeps_its_utm_values_only(address, kept):
    assert page(address) == kept


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://www.google.com/search?q=ann", "https://www.google.com/"),
        ("android-app://com.linkedin.android/", "android-app://com.linkedin.android/"),
        ("www.google.com", "//www.google.com/"),
        ("/search", ""),
        ("http://[::bad", ""),
        (None, ""),
    ],
)
def test_a_referrer_keeps_its_site_only(address, kept):
    assert site(address) == kept
