"""The channel that delivers through Apprise: mail, Slack, Teams and some hundred services, each named by a URL.

The URL is the secret. It is read when a message goes out, handed to Apprise and kept nowhere. Apprise writes URLs,
addresses and bodies to its log: that log ends here. A redirect is not followed, so that no other host gets what the
URL holds. What Apprise answers is only whether a message was taken; a message whose answer came too late may have been
taken all the same.
Source: Apprise 2.3, `Apprise.instantiate`, `Apprise.notify`, `AppriseAsset`, `AppriseResult`.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from connector.errors import SettingsError
from connector.notify.channel import Message, test_message
from connector.revops.rejection_reasons import Locale

if TYPE_CHECKING:
    import apprise

PATIENCE = 15.0
"""Seconds to wait for a connection and for an answer, where the URL says nothing else (`cto=`, `rto=`)."""
_LONGEST = 60.0
"""Seconds after which a service that answers drop by drop is left to itself."""

_STATUS = re.compile(r"\berror=(\d{3})\b|\brefused: (\d{3})\b")
_UNREADABLE = (
    "its URL is none that Apprise understands: look up how the service's URL is written at appriseit.com, "
    "and check that nothing is left out"
)
_NOT_PERSONAL = "its service does not take the reader's address: use a mail URL, or `send: all`"


class AppriseChannel:
    """Delivers through the service that a URL names.

    Args:
        name: what the settings call it.
        url: reads the URL; may raise `SettingsError`.
        personal: the message goes to the reader's own address, in the place of any that the URL names.
        only: the addresses whose messages go through here; empty for all.
    """

    def __init__(
        self, name: str, url: Callable[[], str], *, personal: bool = False, only: frozenset[str] = frozenset()
    ) -> None:
        self._name, self._url, self._personal, self._only = name, url, personal, only

    @property
    def name(self) -> str:
        """What the settings call it."""
        return self._name

    def takes(self, address: str) -> bool:
        """Whether messages to this address go through here."""
        return not self._only or address in self._only

    def deliver(self, message: Message, *, again: bool) -> str | None:
        """Hand a message to the service; one that may be there already goes out again, with the same id in it."""
        del again
        return self._send(message, message.to if self._personal else None)

    def look(self) -> tuple[str | None, Sequence[str]]:
        """Whether the URL is there and understood."""
        try:
            return None, _doubts(self._service("somebody@example.com" if self._personal else None))
        except Exception as error:  # noqa: BLE001 - a hundred services: whatever one of them raises, it cannot work
            return _failure(error), ()

    def test(self, locale: Locale, at: datetime) -> str | None:
        """Send a message that says that it is a test; a personal channel sends it to its own sender."""
        return self._send(test_message("", locale, at), None)

    def _send(self, message: Message, to: str | None) -> str | None:
        text = message.text(addressed=bool(message.to) and not self._personal)
        try:
            service = self._service(to)
            door = _library().Apprise(asset=service.asset)
            door.add(service)
            result = door.notify(text, title=message.subject, body_format=_library().NotifyFormat.TEXT)
        except Exception as error:  # noqa: BLE001 - a hundred services: whatever one of them raises, it was not delivered
            return _failure(error)
        return None if result else _why(result)

    def _service(self, to: str | None) -> apprise.NotifyBase:
        """The service behind the URL.

        Raises:
            SettingsError: the URL is not there, Apprise does not understand it, or it cannot address anybody.
        """
        url, library = self._url(), _library()
        found: dict[str, Any] | None = library.plugins.url_to_dict(url)
        if found is None:
            raise SettingsError(_UNREADABLE)
        found = {"cto": PATIENCE, "rto": PATIENCE, **found, "redirect": False}
        if self._personal:
            if "targets" not in library.plugins.N_MGR[found["schema"]].template_tokens:
                raise SettingsError(_NOT_PERSONAL)
            found |= {"targets": [to]} if to else {}
        service: apprise.NotifyBase | None = library.Apprise.instantiate(found, asset=_asset())
        if service is None:
            raise SettingsError(_UNREADABLE)
        return service


def _library() -> Any:
    """Apprise, its log ended here; it takes half a second to load, so that it is loaded when it is needed."""
    log = logging.getLogger("apprise")
    log.setLevel(logging.WARNING)  # below it stands what must not even be put together: URLs, bodies
    log.propagate = False
    if not log.handlers:
        log.addHandler(logging.NullHandler())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its hundred plugins, some use what Python will remove
        import apprise  # noqa: PLC0415 - see above

        library: Any = apprise
        library.plugins.N_MGR.load_modules()
    return library


def _asset() -> apprise.AppriseAsset:
    """How Apprise behaves: one call at a time, nothing kept on disk, no pictures from elsewhere."""
    return _library().AppriseAsset(  # type: ignore[no-any-return]
        app_id="revloop",
        app_desc="revloop",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        image_path_mask=False,
        async_mode=False,
        http_redirects=False,
        pgp_autogen=False,
        pem_autogen=False,
        storage_mode="memory",
        service_timeout=_LONGEST,
        secure_logging=True,
    )


def _doubts(service: Any) -> Sequence[str]:
    """What an admin should look at, though it may be meant."""
    found = []
    plain = type(service).protocol or ()
    if service.schema in ((plain,) if isinstance(plain, str) else plain) and not _here(service.host):
        found.append("its URL sends in the clear: use the secure form of its scheme, such as mailtos:// or jsons://")
    if not service.verify_certificate:
        found.append("its URL does not check the service's certificate (verify=no)")
    return found


def _here(host: str | None) -> bool:
    return host in {"localhost", "127.0.0.1", "::1", "[::1]"}


def _failure(error: Exception) -> str:
    return str(error) if isinstance(error, SettingsError) else f"the service failed ({type(error).__name__})"


def _why(result: Any) -> str:
    """The failure in words of ours: Apprise's own sentences name hosts and addresses."""
    if result.timeout_count:
        return "the service did not answer in time"
    said = [entry.message for entry in result.logs()]
    for text in said:
        if found := _STATUS.search(text):
            return f"the service refused it with {found[1] or found[2]}"
    if any("onnection error" in text for text in said):
        return "the service cannot be reached, or did not answer in time"
    return "the service did not take it"
