"""What may be kept of the address of a page that a person visited: no more than the rules look at.

Queries and fragments hold e-mail addresses, tokens and search words; only the UTM values say where a visit came from.
"""

from __future__ import annotations

from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit, urlunsplit


def page(address: object) -> str:
    """A page's address with its UTM values, no other query and no e-mail address; "" for what is no address."""
    parts = _split(address)
    if parts is None:
        return ""
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name.startswith("utm_") and "@" not in value]
    path = "/".join("_" if "@" in unquote(step) else step for step in parts.path.split("/"))
    return urlunsplit((parts.scheme, _host(parts), path, urlencode(kept), ""))


def site(address: object) -> str:
    """The site of an address, without the page; "" for what is no address."""
    parts = _split(address)
    return urlunsplit((parts.scheme, _host(parts), "/", "", "")) if parts and parts.hostname else ""


def _split(address: object) -> SplitResult | None:
    if not isinstance(address, str) or not address:
        return None
    try:
        parts = urlsplit(address if "//" in address else f"//{address}")
        _ = parts.port  # a port that is none is found out here
    except ValueError:
        return None
    return None if any(letter.isspace() for letter in parts.netloc) else parts


def _host(parts: SplitResult) -> str:
    """Host and port, without a user's name and password."""
    return parts.netloc.rpartition("@")[2]
