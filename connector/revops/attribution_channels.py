"""Which channel a touch belongs to: from a vendor's code, a campaign's type, or the address of a page.

A *code* is what the source says (`PAID_SEARCH`, `Campaign:Webinar`, `SALES`); a *channel* is the project's own word
for it (`paid`, `webinar`, `sales`). A code nobody has mapped is the channel `other`, never an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

OTHER = "other"
UNATTRIBUTED = "unattributed"
"""The channel of what no touch explains; no code may be mapped to it."""
DIRECT = "DIRECT_TRAFFIC"
OFFLINE = "OFFLINE"
EMAIL = "EMAIL"
SALES = "SALES"

DEFAULT_CHANNELS: Mapping[str, str] = {
    "ORGANIC_SEARCH": "organic",
    "AI_REFERRALS": "organic",
    "PAID_SEARCH": "paid",
    "PAID_SOCIAL": "paid",
    "SOCIAL_MEDIA": "social",
    "EMAIL_MARKETING": "email",
    "EMAIL": "email",
    "REFERRALS": "referral",
    "OTHER_CAMPAIGNS": "other",
    "DIRECT_TRAFFIC": "direct",
    "OFFLINE": "offline",
    "SALES": "sales",
    "Campaign:Webinar": "webinar",
    "Campaign:Conference": "event",
    "Campaign:Trade Show": "event",
    "Campaign:Seminar / Conference": "event",
    "Campaign:Email": "email",
    "Campaign:Content": "content",
    "Campaign:Advertisement": "paid",
    "Campaign:Banner Ads": "paid",
    "Campaign:Partners": "partner",
    "Campaign:Referral Program": "referral",
}
"""The channels of HubSpot's traffic sources and Salesforce's standard campaign types, where nothing else is said."""

_NOT_MARKETING = frozenset({"INTEGRATION", "IMPORT", "CRM", "CRM_UI", "CRM_INTEGRATION", "SALESFORCE"})
_MEDIA = {
    **dict.fromkeys(("cpc", "ppc", "paid", "paidsearch", "paid-search", "paid_search", "sem"), "PAID_SEARCH"),
    **dict.fromkeys(("paidsocial", "paid-social", "paid_social", "cpm-social"), "PAID_SOCIAL"),
    **dict.fromkeys(("email", "e-mail", "newsletter", "mail"), "EMAIL_MARKETING"),
    **dict.fromkeys(("social", "social-media", "social_media", "organic-social", "organic_social"), "SOCIAL_MEDIA"),
    **dict.fromkeys(("referral", "partner"), "REFERRALS"),
    "organic": "ORGANIC_SEARCH",
}
_SEARCH = ("google", "bing", "duckduckgo", "ecosia", "yahoo", "startpage", "qwant", "baidu", "yandex")
_SOCIAL = ("linkedin", "lnkd", "xing", "facebook", "instagram", "twitter", "youtube", "tiktok", "reddit")
_AI = ("chatgpt", "openai", "perplexity", "claude", "copilot", "gemini")
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")


def channel_of(code: str, channels: Mapping[str, str]) -> str:
    """The project's channel of a code; `other` where none is mapped."""
    return channels.get(code, OTHER)


def is_import(code: str, drill_down: str | None) -> bool:
    """Whether an `OFFLINE` source only says that the record came in by an import or another CRM."""
    return code == OFFLINE and (drill_down or "").strip().upper() in _NOT_MARKETING


def landing(address: str | None) -> tuple[str, tuple[str, ...]]:
    """The path of a page and its five UTM values (source, medium, campaign, term, content), empty where missing.

    Other query values are dropped: they may hold an e-mail address.
    """
    if not address:
        return "", ("",) * len(UTM)
    try:
        parts = urlsplit(address if "//" in address else f"//{address}")
        query = parse_qs(parts.query)
    except ValueError:
        return "", ("",) * len(UTM)
    return parts.path or "/", tuple(query.get(name, [""])[0].strip() for name in UTM)


def code_of_visit(utm: tuple[str, ...], referrer: str | None) -> str:
    """The traffic source of a visit, by its UTM values first and its referrer second."""
    source, medium, campaign, *_ = utm
    if medium:
        return _MEDIA.get(medium.lower(), "OTHER_CAMPAIGNS")
    if source or campaign:
        return "OTHER_CAMPAIGNS"
    host = _host(referrer)
    labels = ("twitter.com" if host == "t.co" else host).split(".")
    for names, code in ((_AI, "AI_REFERRALS"), (_SEARCH, "ORGANIC_SEARCH"), (_SOCIAL, "SOCIAL_MEDIA")):
        if any(label in names for label in labels[:-1]):
            return code
    return "REFERRALS" if labels != [""] else DIRECT


def _host(address: str | None) -> str:
    if not address:
        return ""
    try:
        return (urlsplit(address if "//" in address else f"//{address}").hostname or "").lower()
    except ValueError:
        return ""
