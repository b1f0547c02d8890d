"""What goes over the wire and comes back, in our words instead of the library's.

It decides nothing: an answer becomes `Heard`, an exception becomes `Failed`, whose words hold no URL.
"""

from __future__ import annotations

from http.cookiejar import DefaultCookiePolicy
from typing import Any

import orjson
import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from connector.crm.retry import Failed, Heard


class Bearer(AuthBase):
    """Sets the token; its being there also keeps requests from taking credentials out of a .netrc."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header, unless the call brings its own."""
        if self._token is not None and "Authorization" not in request.headers:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def session(width: int) -> requests.Session:
    """A session that keeps `width` connections, no cookies, and repeats nothing by itself."""
    opened = requests.Session()
    adapter = HTTPAdapter(pool_connections=2, pool_maxsize=width + 2, max_retries=0)
    opened.mount("https://", adapter)
    opened.mount("http://", adapter)
    opened.headers["User-Agent"] = "revloop"
    opened.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return opened


def hear(response: requests.Response, *, decode: bool, stream: bool) -> Heard:
    """The answer with its body decoded where JSON is expected; a stream's body is left where it is."""
    status, headers = response.status_code, response.headers
    fine = 200 <= status < 300  # noqa: PLR2004 - success as HTTP defines it
    if fine and stream:
        return Heard(status, headers)
    content = response.content
    if fine and not decode:
        return Heard(status, headers, content)
    if not content.strip():
        return Heard(status, headers)
    try:
        return Heard(status, headers, orjson.loads(content))
    except orjson.JSONDecodeError:
        html = content.lstrip()[:1] == b"<" or "html" in headers.get("Content-Type", "")
        return Heard(status, headers, None, "html" if html else "broken")


def failure(error: Exception, vendor: str) -> Failed:
    """Sort a library's exception by what it says of the request."""
    if isinstance(error, requests.exceptions.SSLError):
        return Failed("settings", f"{vendor}'s certificate cannot be verified: check the address and the proxy")
    if isinstance(error, requests.exceptions.ProxyError):
        return Failed("unsent", f"the proxy on the way to {vendor} cannot be reached")
    if isinstance(error, ValueError):  # requests' InvalidURL, InvalidHeader and the like are ValueErrors too
        return Failed("settings", f"the address or token of {vendor} cannot be sent: check for stray characters")
    if isinstance(error, requests.exceptions.ConnectTimeout) or _never_connected(error):
        return Failed("unsent", f"{vendor} cannot be reached: check the network and the address")
    return Failed("lost", f"the answer of {vendor} was lost on the way: run again")


def _never_connected(error: Exception) -> bool:
    reason: Any = error.args[0] if error.args else None
    reason = reason.reason if isinstance(reason, MaxRetryError) else reason
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)
