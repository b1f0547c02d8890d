"""The nodes of a YAML text, by libyaml where PyYAML was built with it; the same nodes either way.

A project's dozen files are read at every command, and libyaml reads them several times faster than Python.
"""

from __future__ import annotations

from typing import Any

import yaml
from yaml.composer import Composer
from yaml.resolver import Resolver

_FAST: Any = getattr(yaml, "CSafeLoader", None)


def compose(text: str) -> yaml.Node | None:
    """The root node of a text with one document; None when it is empty.

    Raises:
        yaml.YAMLError: it is no YAML. The complaint is that of PyYAML's own parser, which says more.
        RecursionError: it is nested too deeply.
    """
    if _FAST is not None:
        try:
            return _Nodes(_FAST(text)).get_single_node()
        except yaml.YAMLError:
            pass
    return _Nodes(yaml.SafeLoader(text)).get_single_node()


class _Nodes(Composer, Resolver):
    """Composes the events of a parser in Python: libyaml's own composing crashes where nesting has no end."""

    def __init__(self, parser: Any) -> None:
        Composer.__init__(self)
        Resolver.__init__(self)
        self.check_event = parser.check_event
        self.peek_event = parser.peek_event
        self.get_event = parser.get_event
