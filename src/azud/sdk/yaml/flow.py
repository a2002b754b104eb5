"""Flow collections: `[a, b]` and `{a: 1}`, JSON among them."""

from __future__ import annotations

import re
from typing import Any, Dict, List

from azud.sdk.yaml.quoted import closing, unquoted
from azud.sdk.yaml.scalars import Plain

_SPACE = re.compile(r"(?:\s+#[^\n]*|\s)*")
# A colon ends a plain key only before a blank or another mark: http://x is one scalar.
_OUTSIDE = re.compile(r"[&*!|>%@`#'\"]|[?:-](?:[\s,\[\]{}]|$)")
_PLAIN = re.compile(r"(?:[^,\[\]{}:#\n]|:(?![\s,\[\]{}]|$)|(?<!\s)#|\n)+")


def flow_end(text: str) -> int:
    """Return where the collection at the start of a text ends, or -1 if it goes on behind the text."""
    depth, at = 0, 0
    while at < len(text):
        char = text[at]
        if char in "'\"" and (at == 0 or text[at - 1] in " \t\n,[{:"):
            end = closing(text, at)
            if end is None:
                return -1
            at = end
            continue
        if char == "#" and text[at - 1] in " \t\n":
            at = text.find("\n", at)
            if at < 0:
                return -1
            continue
        depth += (char in "[{") - (char in "]}")
        at += 1
        if depth == 0:
            return at
    return -1


class Flow:
    """Reads one collection from a text that holds all of it.

    Raises:
        ValueError: It is not well formed, or uses what is not read here; says how.
    """

    def __init__(self, text: str) -> None:
        """Start at the beginning."""
        self._text = text
        self._at = 0

    def value(self) -> Any:
        """Return the next value."""
        char = self._peek()
        if char == "[":
            return self._list()
        if char == "{":
            return self._mapping()
        if char in "'\"" and char:
            return self._quoted()
        return self._plain()

    def _peek(self) -> str:
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._text[self._at : self._at + 1]

    def _take(self, mark: str) -> bool:
        taken = self._peek() == mark
        self._at += taken
        return taken

    def _list(self) -> List[Any]:
        self._at += 1
        found: List[Any] = []
        while not self._take("]"):
            item = self.value()
            if self._take(":"):
                raise ValueError("a pair in a list needs braces")
            found.append(item)
            self._separator("]")
        return found

    def _mapping(self) -> Dict[str, Any]:
        self._at += 1
        found: Dict[str, Any] = {}
        while not self._take("}"):
            key = self.value()
            if not isinstance(key, str):
                raise ValueError("a key is no text")
            if key in found:
                raise ValueError(f"the key {key!r} is there twice")
            found[str(key)] = self._entry() if self._take(":") else Plain("")
            self._separator("}")
        return found

    def _entry(self) -> Any:
        return Plain("") if self._peek() in ",}" else self.value()

    def _separator(self, end: str) -> None:
        if not self._take(",") and self._peek() != end:
            raise ValueError(f"a comma or {end} is missing")

    def _quoted(self) -> str:
        end = closing(self._text, self._at)
        if end is None:
            raise ValueError("a quote is not closed")
        text, self._at = self._text[self._at : end], end
        return unquoted(text)

    def _plain(self) -> Plain:
        found = _PLAIN.match(self._text, self._at)
        text = found.group(0).rstrip() if found else ""
        lines = [line.strip() for line in text.split("\n")]
        if _OUTSIDE.match(self._text, self._at) or not all(lines) or any(map(_OUTSIDE.match, lines)):
            raise ValueError(f"{self._text[self._at : self._at + 20]!r} is not read here")
        self._at += len(text)
        return Plain(" ".join(lines))
