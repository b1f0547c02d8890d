"""A walk over the tokens of one query: look, take, demand, refuse; no grammar."""

from __future__ import annotations

from connector.sandbox.salesforce.soql.errors import SoqlError, pointed, unexpected
from connector.sandbox.salesforce.soql.tokens import Token, tokens
from connector.sandbox.salesforce.soql.tree import Path

LARGEST_COUNT = 2**31 - 1


class Reader:
    """The tokens of `text`, one place at a time; words are compared without regard to capitals."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = tokens(text)
        self._next = 0

    @property
    def token(self) -> Token:
        """The token at hand."""
        return self._tokens[self._next]

    def ahead(self, steps: int = 1) -> Token:
        """The token some steps further on; the end stays the end."""
        return self._tokens[min(self._next + steps, len(self._tokens) - 1)]

    def take(self) -> Token:
        """The token at hand, passed."""
        token = self.token
        if token.kind != "end":
            self._next += 1
        return token

    def word(self) -> str:
        """The token at hand in upper case when it is a name, else an empty text."""
        return self.token.text.upper() if self.token.kind == "name" else ""

    def take_word(self, *words: str) -> str | None:
        """Pass one of these words and tell which; None when something else is at hand."""
        word = self.word()
        if word not in words:
            return None
        self.take()
        return word

    def demand_word(self, *words: str) -> str:
        """Pass one of these words.

        Raises:
            SoqlError: MALFORMED_QUERY, unexpected token.
        """
        word = self.take_word(*words)
        if word is None:
            raise self.refused()
        return word

    def take_sign(self, sign: str) -> bool:
        """Pass this sign; False when something else is at hand."""
        if self.token.kind != "sign" or self.token.text != sign:
            return False
        self.take()
        return True

    def demand_sign(self, sign: str) -> None:
        """Pass this sign.

        Raises:
            SoqlError: MALFORMED_QUERY, unexpected token.
        """
        if not self.take_sign(sign):
            raise self.refused()

    def demand_path(self) -> Path:
        """Pass a name, dotted or not.

        Raises:
            SoqlError: MALFORMED_QUERY, unexpected token.
        """
        if self.token.kind != "name":
            raise self.refused()
        token = self.take()
        return Path(tuple(token.text.split(".")), token.at)

    def demand_count(self) -> int:
        """Pass a whole number, not negative.

        Raises:
            SoqlError: MALFORMED_QUERY, unexpected token.
        """
        if self.token.kind != "number" or not self.token.text.isdecimal():
            raise self.refused()
        return min(int(self.take().text), LARGEST_COUNT)

    def refused(self) -> SoqlError:
        """The error for the token at hand."""
        return unexpected(self.text, self.token.at, self.token.text)

    def malformed(self, at: int, reason: str) -> SoqlError:
        """A MALFORMED_QUERY error that points at an offset."""
        return pointed(self.text, at, "MALFORMED_QUERY", reason)
