"""`connector.yaml`: which CRMs, how to log in, where the state is, and how far a run may go.

Every setting but the Salesforce address and the logins has a default. Values arrive as the text in the file.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from connector.core.brakes import Limits
from connector.project.messages import Messages
from connector.project.secret import Secrets, Variable
from connector.project.written import Name, Region, Seconds, Share, Strict, TimeZone, matching


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        named = bool(host) and (parts.port is None or parts.port > 0)
    except ValueError:
        named, parts, host = False, urlsplit(""), ""
    if not named or parts.scheme not in {"http", "https"} or parts.username or parts.query or parts.fragment:
        raise ValueError("write an address such as https://api.hubapi.com, without user, query or fragment")
    if parts.scheme == "http" and not _loopback(host):
        raise ValueError("http would send the token in the clear: write https (http is for this machine only)")
    if "your-domain" in host:
        raise ValueError("put your Salesforce My Domain in the place of YOUR-DOMAIN (Setup > My Domain)")
    return url.rstrip("/")


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _place(state: str) -> str:
    if "://" in state and urlsplit(state).password:
        raise ValueError("a password does not belong here: leave it out and set PGPASSWORD, or use state_env")
    return state


Address = Annotated[str, AfterValidator(_address)]
ApiVersion = Annotated[str, matching(r"\d{2,3}\.0", 'write it like "67.0"')]
Property = Annotated[
    str,
    matching(r"[a-z][a-z0-9_]{0,99}", "write the internal name of a HubSpot property, such as revloop_salesforce_id"),
]
CustomField = Annotated[
    str,
    matching(r"[A-Za-z]\w{0,76}__c", "write the API name of a custom field, such as Revloop_HubSpot_Id__c"),
]
HubSpotPrefix = Annotated[
    str,
    matching(
        r"(?!hs_)[a-z][a-z0-9_]{0,30}",
        "write the beginning of property names in lower case, such as revops_ (hs_ is HubSpot's own)",
    ),
]
SalesforcePrefix = Annotated[
    str,
    matching(
        r"[A-Za-z]([A-Za-z0-9]|_(?!_)){0,13}",
        "write the beginning of field names, such as RevOps_ (at most 14 characters, no __)",
    ),
]


class HubSpotOAuth(Secrets):
    """A HubSpot app with OAuth; the refresh token is renewed where it is kept."""

    secrets: ClassVar[tuple[str, ...]] = ("client_id", "client_secret", "refresh_token")

    client_id_env: Variable | None = None
    client_id_file: Name | None = None
    client_secret_env: Variable | None = None
    client_secret_file: Name | None = None
    client_secret_keyring: Name | None = None
    refresh_token_file: Name | None = None
    refresh_token_keyring: Name | None = None


class HubSpotAuth(Secrets):
    """A service key or private app token, or `oauth`."""

    token_env: Variable | None = None
    token_file: Name | None = None
    token_keyring: Name | None = None
    oauth: HubSpotOAuth | None = None

    @model_validator(mode="after")
    def _one_way(self) -> HubSpotAuth:
        if len(self.places("token")) + (self.oauth is not None) != 1:
            raise ValueError("give exactly one of token_env, token_file, token_keyring, oauth")
        return self


class HubSpot(Strict):
    """The HubSpot portal."""

    url: Address = "https://api.hubapi.com"
    version: Literal["2026-03", "2026-09"] = "2026-03"
    auth: HubSpotAuth
    budget: Share = 0.8  # of the day's calls
    overlap: Seconds = 900.0  # how far an incremental read looks back behind the last one
    lag: Seconds = 60.0  # how late HubSpot's search may show a change
    source_id: Name | None = None  # the app id in the property history, when it cannot be learned


class SalesforceJwt(Secrets):
    """The JWT bearer flow of a connected or external client app."""

    secrets: ClassVar[tuple[str, ...]] = ("client_id", "private_key")

    client_id_env: Variable | None = None
    client_id_file: Name | None = None
    username: Name
    private_key_env: Variable | None = None
    private_key_file: Name | None = None
    private_key_keyring: Name | None = None
    audience: Address | None = None  # https://test.salesforce.com for a sandbox; default: login_url


class SalesforceRefresh(Secrets):
    """The refresh token flow; a public client has no secret."""

    secrets: ClassVar[tuple[str, ...]] = ("client_id", "refresh_token")
    optional: ClassVar[tuple[str, ...]] = ("client_secret",)

    client_id_env: Variable | None = None
    client_id_file: Name | None = None
    client_secret_env: Variable | None = None
    client_secret_file: Name | None = None
    client_secret_keyring: Name | None = None
    refresh_token_env: Variable | None = None
    refresh_token_file: Name | None = None
    refresh_token_keyring: Name | None = None


class SalesforceAuth(Secrets):
    """Exactly one way to log in: client id and secret (client credentials flow), `jwt`, `refresh`, or a session id."""

    client_id_env: Variable | None = None
    client_id_file: Name | None = None
    client_secret_env: Variable | None = None
    client_secret_file: Name | None = None
    client_secret_keyring: Name | None = None
    jwt: SalesforceJwt | None = None
    refresh: SalesforceRefresh | None = None
    session_env: Variable | None = None
    session_file: Name | None = None

    @property
    def way(self) -> Literal["client", "jwt", "refresh", "session"]:
        """Which of the ways is configured."""
        if self.jwt is not None:
            return "jwt"
        if self.refresh is not None:
            return "refresh"
        return "session" if self.places("session") else "client"

    @model_validator(mode="after")
    def _one_way(self) -> SalesforceAuth:
        client = [len(self.places(name)) for name in ("client_id", "client_secret")]
        others = [self.jwt is not None, self.refresh is not None, *(True for _ in self.places("session"))]
        if sum(others) + any(client) != 1 or (any(client) and client != [1, 1]):
            raise ValueError("give exactly one of client_id_env with client_secret_env, jwt, refresh, session_env")
        return self


class Salesforce(Strict):
    """The Salesforce org."""

    url: Address
    login_url: Address | None = None  # where tokens are asked for; default: url
    version: ApiVersion = "67.0"
    auth: SalesforceAuth
    budget: Share = 0.8
    overlap: Seconds = 600.0
    width: Annotated[int, Field(ge=1, le=20)] = 4  # calls in flight
    bulk_above: Annotated[int, Field(ge=200)] = 2000  # waiting writes of one object that go by Bulk API
    duplicate_rules: Literal["obey", "save"] = "obey"


class Stamps(Strict):
    """The unique field on each side that holds the other side's record id."""

    hubspot: Property = "revloop_salesforce_id"
    salesforce: CustomField = "Revloop_HubSpot_Id__c"


class OwnFields(Strict):
    """How the names of revloop's own fields and objects begin on each side."""

    hubspot: HubSpotPrefix = "revops_"
    salesforce: SalesforcePrefix = "RevOps_"


class Switches(Strict):
    """Which rules are in force; without a switch a part is on when its file is in `rules/`."""

    scoring: bool | None = None
    lifecycle: bool | None = None
    rejection: bool | None = None
    attribution: bool | None = None


class Archives(Strict):
    """Archives are allowed up to the larger of a count and a share of the links."""

    count: Annotated[int, Field(ge=0)] = 5
    share: Share = 0.01


class Brakes(Strict):
    """How much of a plan looks wrong enough to stop (exit code 4); shares of 1."""

    missing: Share = 0.10
    archives: Archives = Archives()
    updates: Share = 0.30
    creates: Share = 0.10
    blanks: Share = 0.01
    drops: Share = 0.10
    floor: Annotated[int, Field(ge=0)] = 20

    @property
    def limits(self) -> Limits:
        """The same numbers as `core/brakes` takes them."""
        return Limits(
            missing=self.missing,
            archives=self.archives.count,
            archives_share=self.archives.share,
            updates=self.updates,
            creates=self.creates,
            blanks=self.blanks,
            drops=self.drops,
            floor=self.floor,
        )


class Audit(Strict):
    """Whether HubSpot's property history is read after writing: a sample of the records when there are many."""

    history: bool = True
    above: Annotated[int, Field(ge=1)] = 500
    sample: Share = 0.1


class Log(Strict):
    """The log; it holds ids, never values."""

    level: Literal["debug", "info", "warning", "error"] = "info"


class Settings(Strict):
    """The whole of `connector.yaml`."""

    hubspot: HubSpot
    salesforce: Salesforce
    state: Annotated[str, Field(min_length=1), AfterValidator(_place)] = "state/revloop.sqlite"
    state_env: Variable | None = None  # a variable with the database URL, for one with a password
    stamps: Stamps = Stamps()
    brakes: Brakes = Brakes()
    audit: Audit = Audit()
    rules: Switches = Switches()
    own_fields: OwnFields = OwnFields()
    locale: Literal["de", "en"] = "de"  # of labels, explanations, tasks and messages
    notify: Messages = Messages()
    time_zone: TimeZone = "Europe/Berlin"
    region: Region = "DE"
    log: Log = Log()
