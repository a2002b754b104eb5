"""Reading a YAML document, line by line."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Optional, Tuple

from azud.sdk.exceptions import UserErrorException
from azud.sdk.yaml.flow import Flow, flow_end
from azud.sdk.yaml.quoted import closing, split_plain, unquoted
from azud.sdk.yaml.scalars import Plain

_KEY = re.compile(r"(?![&*!|>'\"%@`#,\[\]{}]|[?:-]\s)(\S.*?)\s*:(?=\s|$)")
_BLOCK_HEADER = re.compile(r"^([|>])(?:([+-])?([1-9])?|([1-9])([+-]))\s*(?:\s#.*)?$")
_OUTSIDE = re.compile(r"[&*!%@`\]},]|[?:-](?:\s|$)")
_BREAK = re.compile(r"\r\n|\r|\n")


def load(text: str) -> Any:
    """Return the value of a document: dicts, lists and texts; None for an empty one.

    Scalars without quotes are `Plain`: see `azud.sdk.yaml.scalars`.

    Raises:
        UserErrorException: It is not well formed or uses a part of YAML that is not read here; names the line.
    """
    try:
        return _Reader(_BREAK.split(text.lstrip("\ufeff"))).document()
    except RecursionError as error:
        raise UserErrorException("line 1: azud does not read YAML that is nested as deeply") from error


class _Reader:
    """A place in the lines of a document. `_lines` is changed on the way: what was read of a line becomes blanks."""

    def __init__(self, lines: List[str]) -> None:
        self._lines = lines
        self._at = 0

    def document(self) -> Any:
        """Return the document's value."""
        self._skip()
        if not self._ended() and re.match(r"---(?:\s|$)", self._lines[self._at]):
            self._lines[self._at] = "   " + self._lines[self._at][3:]
            self._skip()
        if self._ended():
            return None
        value = self._block(self._indent(), -1)
        self._skip()
        if not self._ended() and self._lines[self._at].rstrip() != "...":
            raise self._refused()
        return value

    # Lines

    def _ended(self) -> bool:
        return self._at >= len(self._lines)

    def _skip(self) -> None:
        """Go to the next line that says something."""
        while not self._ended():
            text = self._lines[self._at].lstrip(" \t")
            if text and not text.startswith("#"):
                break
            self._at += 1
        if not self._ended() and "\t" in self._lines[self._at][: self._indent(" \t")]:
            raise self._refused("YAML is not indented with tabs")

    def _indent(self, blanks: str = " ") -> int:
        line = self._lines[self._at]
        return len(line) - len(line.lstrip(blanks))

    def _starts_item(self) -> bool:
        text = self._lines[self._at].lstrip(" ")
        return text == "-" or text.startswith(("- ", "-\t"))

    def _refused(self, why: str = "", line: Optional[int] = None) -> UserErrorException:
        number = self._at if line is None else line
        shown = self._lines[min(number, len(self._lines) - 1)].strip()
        return UserErrorException(
            f"line {number + 1}: {shown!r} is YAML that azud does not read" + (f": {why}" if why else "")
        )

    # Collections

    def _block(self, indent: int, parent: int) -> Any:
        if self._starts_item():
            return self._sequence(indent)
        if self._key() is not None:
            return self._mapping(indent)
        return self._inline(indent, parent)

    def _sequence(self, indent: int) -> List[Any]:
        found: List[Any] = []
        while not self._ended() and self._indent() == indent and self._starts_item():
            line = self._lines[self._at]
            self._lines[self._at] = line[:indent] + " " + line[indent + 1 :]
            found.append(self._item(indent))
            self._skip()
        self._check_dedent(indent)
        return found

    def _item(self, indent: int) -> Any:
        rest = self._lines[self._at].lstrip(" \t")
        if not rest or rest.startswith("#"):
            return self._nested(indent)
        if "\t" in self._lines[self._at][: self._indent(" \t")]:
            raise self._refused("YAML is not indented with tabs")
        inner = self._indent()
        if self._starts_item() or self._key() is not None:
            return self._block(inner, indent)
        return self._inline(inner, indent)

    def _mapping(self, indent: int) -> Dict[str, Any]:
        found: Dict[str, Any] = {}
        while not self._ended() and self._indent() == indent:
            key = self._key()
            if key is None or self._starts_item():
                raise self._refused()
            name, end = key
            if name in found:
                raise self._refused(f"the key {name!r} is there twice")
            found[name] = self._entry(indent, end)
            self._skip()
        self._check_dedent(indent)
        return found

    def _entry(self, indent: int, end: int) -> Any:
        line = self._lines[self._at]
        rest = line[end:].lstrip(" \t")
        if not rest or rest.startswith("#"):
            return self._nested(indent, list_may_stand_at=indent)
        return self._inline(len(line) - len(rest), indent)

    def _nested(self, indent: int, list_may_stand_at: int = -1) -> Any:
        self._at += 1
        self._skip()
        if self._ended():
            return Plain("")
        depth = self._indent()
        if depth > indent or (depth == list_may_stand_at and self._starts_item()):
            return self._block(depth, indent)
        return Plain("")

    def _check_dedent(self, indent: int) -> None:
        if not self._ended() and self._indent() > indent:
            raise self._refused("it is indented further than what it belongs to")

    def _key(self) -> Optional[Tuple[str, int]]:
        """Return the key that the line starts with, and where the text behind its colon begins."""
        line = self._lines[self._at]
        start = self._indent()
        if line[start] in "'\"":
            end = closing(line, start)
            found = re.match(r"\s*:(?=\s|$)", line[end:]) if end is not None else None
            return (self._unquoted(line[start:end]), end + found.end()) if found and end is not None else None
        match = _KEY.match(line[start:])
        if match is None or " #" in match.group(1):
            return None
        return match.group(1), start + match.end()

    def _unquoted(self, text: str) -> str:
        try:
            return unquoted(text)
        except ValueError as error:
            raise self._refused(str(error)) from error

    # Scalars

    def _inline(self, column: int, parent: int) -> Any:
        """Return the value at a column; lines that are indented further than `parent` may belong to it."""
        text = self._lines[self._at][column:]
        first = self._at
        try:
            if text[0] in "'\"":
                return self._quoted(column)
            if text[0] in "[{":
                return self._flow(column)
            if text[0] in "|>":
                return self._literal(text, parent)
        except ValueError as error:
            raise self._refused(str(error), first) from error
        if _OUTSIDE.match(text):
            raise self._refused()
        return self._plain(column, parent)

    def _rest_of(self, column: int, taken: str) -> None:
        """Leave the lines of a value that was read, behind which only a comment may stand."""
        lines = taken.split("\n")
        last = self._at + len(lines) - 1
        end = len(lines[-1]) + (column if len(lines) == 1 else 0)
        if re.match(r"^\s*$|^\s+#", self._lines[last][end:]) is None:
            raise self._refused(line=last)
        self._at = last + 1

    def _text_from(self, column: int) -> str:
        return "\n".join([self._lines[self._at][column:], *self._lines[self._at + 1 :]])

    def _quoted(self, column: int) -> str:
        text = self._lines[self._at][column:]
        if closing(text, 0) is None:
            text = self._text_from(column)
        end = closing(text, 0)
        if end is None:
            raise ValueError("a quote is not closed")
        self._rest_of(column, text[:end])
        return unquoted(text[:end])

    def _flow(self, column: int) -> Any:
        text = self._lines[self._at][column:]
        if flow_end(text) < 0:
            text = self._text_from(column)
        end = flow_end(text)
        if end < 0:
            raise ValueError("a bracket is not closed")
        self._rest_of(column, text[:end])
        return Flow(text[:end]).value()

    def _plain(self, column: int, parent: int) -> Plain:
        text, comment = split_plain(self._lines[self._at][column:])
        self._check_plain(text)
        self._at += 1
        breaks = 0
        while not comment and not self._ended():
            line = self._lines[self._at]
            if not line.strip():
                breaks += 1
                self._at += 1
                continue
            if self._indent() <= parent or line.lstrip().startswith("#") or line.startswith(("---", "...")):
                break
            more, comment = split_plain(line.strip())
            self._check_plain(more)
            text += ("\n" * breaks or " ") + more
            breaks = 0
            self._at += 1
        return Plain(text)

    def _check_plain(self, text: str) -> None:
        if ": " in text or ":\t" in text or text.endswith(":"):
            raise self._refused("a text with a colon needs quotes")

    def _literal(self, header: str, parent: int) -> str:
        found = _BLOCK_HEADER.match(header)
        if found is None:
            raise ValueError("no header of a block")
        self._at += 1
        given = found.group(3) or found.group(4)
        lines = self._literal_lines(parent, max(parent, 0) + int(given) if given else None)
        body = "\n".join(lines) if found.group(1) == "|" else _folded_block(lines)
        keep = found.group(2) or found.group(5) or ""
        end = "" if self._ended() and lines and lines[-1] and self._lines[-1] else "\n"
        if keep == "+":
            return body + end if lines else ""
        stripped = body.rstrip("\n")
        return stripped if keep == "-" or not stripped else stripped + end

    def _literal_lines(self, parent: int, indent: Optional[int]) -> List[str]:
        found: List[str] = []
        blanks: List[str] = []
        while not self._ended():
            line = self._lines[self._at]
            if line.strip(" "):
                depth = self._indent()
                if indent is None:
                    indent = depth
                    if any(len(blank) > depth for blank in blanks):
                        raise ValueError("an empty line is indented further than the text")
                if depth < indent or depth <= max(parent, 0):
                    break
            found.append(line[indent:] if indent is not None else "")
            blanks.append(line)
            self._at += 1
        # The document's last line break is no empty line.
        if self._ended() and found and not self._lines[-1]:
            found.pop()
        return found


def _folded_block(lines: List[str]) -> str:
    """Join the lines of a `>` block: lines that are indented further keep their breaks."""
    found = ""
    for index, line in enumerate(lines):
        if index == 0:
            found = line
            continue
        before = lines[index - 1]
        texts = [part for part in (before, line) if part]
        if len(texts) == 2 and not any(part.startswith((" ", "\t")) for part in texts):
            found += " " + line
        elif line and not before and _folds_over(lines, index):
            found += line
        else:
            found += "\n" + line
    return found


def _folds_over(lines: List[str], index: int) -> bool:
    """Return whether the empty lines before a line stand between two ordinary ones, where one break is folded."""
    earlier = [line for line in lines[:index] if line]
    return bool(earlier) and not lines[index].startswith((" ", "\t")) and not earlier[-1].startswith((" ", "\t"))
