"""The XML that Wekinator writes, as a small tree.

A stranger's text: no document type, no entities, few and shallow elements; anything else is a BadRequest.
"""

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from livegan.errors import BadRequest

_MOST = 200_000
_DEEPEST = 64
_NAMES = re.compile(r"__|_-")


@dataclass
class Element:
    """One element: its name, attributes, the text before its first child, and its children."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def child(self, name: str) -> "Element | None":
        """The first child of this name, or None."""
        return next((one for one in self.children if one.name == name), None)

    def word(self, name: str, usual: str | None = None) -> str:
        """The text of the child `name`; `usual` when there is none, BadRequest when that is None too."""
        found = self.child(name)
        if found is None and usual is None:
            raise BadRequest(f"<{self.name}> has no <{name}>")
        return usual or "" if found is None else found.text

    def words(self, name: str) -> list[str]:
        """The strings in the child `name`. Raises BadRequest when it is missing or holds anything else."""
        found = self.child(name)
        if found is None or any(one.name != "string" for one in found.children):
            raise BadRequest(f"<{self.name}> has no <{name}> of strings")
        return [one.text for one in found.children]

    def number(self, name: str, usual: float | None = None) -> float:
        """The child `name` as a finite number. Raises BadRequest."""
        word = self.word(name, None if usual is None else str(usual))
        if not re.fullmatch(r"[+-]?\d{1,40}(\.\d{0,40})?([eE][+-]?\d{1,2})?", word, re.ASCII):
            raise BadRequest(f'<{name}> of <{self.name}> is no number: "{word[:40]}"')
        return float(word)

    def whole(self, name: str, low: int, high: int, usual: int | None = None) -> int:
        """The child `name` as a whole number from `low` to `high`. Raises BadRequest."""
        value = self.number(name, usual)
        if value != int(value) or not low <= value <= high:
            raise BadRequest(f"<{name}> of <{self.name}> is {value:g}, a whole number from {low} to {high} was wanted")
        return int(value)

    def truth(self, name: str, usual: bool) -> bool:
        """The child `name`, "true" or "false"; `usual` when there is none."""
        return self.word(name, "true" if usual else "false") == "true"


def parsed(text: str | bytes, root: str, skipped: str = "") -> Element:
    """The tree of a document whose outermost element is `root`, without what is in elements called `skipped`.

    Bytes that are not UTF-8 are taken for Windows' own letters, which Wekinator writes there. Raises BadRequest,
    without the file's name.
    """
    reading = _Reading(skipped)
    try:
        reading.parser.Parse(_utf8(text), True)
    except expat.ExpatError as error:
        raise BadRequest(f"it is not whole XML ({error})") from error
    top = reading.open[0].children[0]
    if top.name != root:
        raise BadRequest(f"it holds <{top.name[:40]}>, not <{root}>")
    return top


def _utf8(text: str | bytes) -> bytes:
    """Raises BadRequest for halves of letters, which no text has."""
    if isinstance(text, bytes):
        try:
            return text.decode("utf-8").encode()
        except UnicodeDecodeError:
            return text.decode("cp1252", "replace").encode()
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise BadRequest("it holds half a letter") from error


class _Reading:
    """A parser and the elements that are open."""

    def __init__(self, skipped: str) -> None:
        self.open = [Element("")]
        self._skipped, self._inside, self._count = skipped, 0, 0
        # Whatever the document says about its letters, it was turned into UTF-8.
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _doctype(self, *_: object) -> None:
        raise BadRequest("it holds a document type, which Wekinator never writes")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._inside or name == self._skipped:
            self._inside += 1
            return
        self._count += 1
        if self._count > _MOST or len(self.open) > _DEEPEST:
            raise BadRequest(f"it holds more than {_MOST} elements, or more than {_DEEPEST} within each other")
        # XStream doubles every _ of a name, and writes a $ as _-.
        element = Element(_NAMES.sub(lambda found: "_" if found[0] == "__" else "$", name), attributes)
        self.open[-1].children.append(element)
        self.open.append(element)

    def _end(self, _: str) -> None:
        if self._inside:
            self._inside -= 1
        else:
            self.open.pop()

    def _text(self, text: str) -> None:
        if not self._inside and not self.open[-1].children:
            self.open[-1].text += text
