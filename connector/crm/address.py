"""Which addresses a token may be sent to. It opens no connection."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from connector.errors import SettingsError


def checked_url(url: str) -> str:
    """`url` without a slash at its end.

    Raises:
        SettingsError: it is no https address; http is taken for the local machine only.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port_is_fine = parts.port is None or parts.port >= 0
    except ValueError:
        raise SettingsError("a CRM address is not a URL: write it like https://api.hubapi.com") from None
    named = bool(host) and port_is_fine and not (parts.username or parts.password or parts.query or parts.fragment)
    if not named or parts.scheme not in ("http", "https"):
        raise SettingsError("a CRM address must be like https://api.hubapi.com, without a user, query or fragment")
    if parts.scheme == "http" and not _loopback(host):
        raise SettingsError(f"http://{host} would send the token in the clear: use https (http is for localhost only)")
    return url.rstrip("/")


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
