"""What the options of a picklist are called on the other side.

`values` of a mapping file name one Salesforce option per HubSpot option, or several of which the first is the
one that is written. The canonical space is the side that loses nothing: HubSpot's options when the field flows
both ways or to HubSpot, Salesforce's options when it flows to Salesforce only.
"""

from __future__ import annotations

from collections.abc import Mapping

from connector.core.unread import Unmapped
from connector.model import Field, Side


class Choices(dict[str, str]):
    """HubSpot option -> Salesforce option that is written; `also` maps further Salesforce options to HubSpot's.

    With `{presentation: [Value Proposition, Needs Analysis]}` both Salesforce stages are HubSpot's
    `presentation`, and moving between the two in Salesforce is no change for HubSpot.
    """

    also: Mapping[str, str]

    def __init__(self, options: Mapping[str, str | tuple[str, ...]]) -> None:
        super().__init__()
        also: dict[str, str] = {}
        for hubspot, salesforce in options.items():
            first, *more = (salesforce,) if isinstance(salesforce, str) else salesforce
            self[hubspot] = first
            also.update(dict.fromkeys(more, hubspot))
        self.also = also

    def of(self, side: Side) -> frozenset[str]:
        """Every option of one side that the mapping knows."""
        return frozenset(self) if side == "hubspot" else frozenset(self.values()) | frozenset(self.also)


def home(field: Field) -> Side:
    """The side whose options are the canonical ones of a field."""
    return "salesforce" if field.to == "salesforce" else "hubspot"


def reading(field: Field, side: Side) -> Mapping[str, str] | None:
    """Raw option -> canonical option of one side; None where every option stands for itself."""
    if not field.values:
        return None
    if home(field) == "salesforce":
        return None if side == "salesforce" else field.values
    if side == "salesforce":
        return _by_salesforce(field)
    return {option: option for option in field.values} if field.to == "both" else None


def writing(field: Field, side: Side) -> Mapping[str, str] | None:
    """Canonical option -> raw option of one side; None where every option stands for itself."""
    if not field.values or home(field) == side:
        return None
    return field.values if side == "salesforce" else _by_salesforce(field)


def _by_salesforce(field: Field) -> dict[str, str]:
    backwards = {salesforce: hubspot for hubspot, salesforce in field.values.items()}
    if isinstance(field.values, Choices):
        backwards.update(field.values.also)
    return backwards


def look_up(options: Mapping[str, str], option: str, field: Field, side: Side) -> str:
    """One option's counterpart.

    Raises:
        Unmapped: it has none.
    """
    try:
        return options[option]
    except KeyError:
        where = field.where or "the mapping file"
        raise Unmapped(
            f"its {_called(side)} option is not among `values` ({where}); "
            "add a line for it there, or choose another option in the CRM"
        ) from None


def _called(side: Side) -> str:
    return "HubSpot" if side == "hubspot" else "Salesforce"
