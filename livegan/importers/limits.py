"""What one file may cost to read: counted here, for the file itself and for all that lies nested in it.

Whatever is read from a stranger's file is paid for here first; nothing here reads anything.
"""

from dataclasses import dataclass

from livegan.errors import BadRequest

OPCODES = 1_000_000
"""A full 1024-pixel StyleGAN has about 30,000."""

PARTS = 20_000
"""Modules and tensors together; a full StyleGAN has about 1,000."""

DEPTH = 16
NAME = 120
MEGABYTE = 1 << 20


@dataclass
class Budget:
    """What is left to spend on one file. made: bytes that may be made out of its content; parts: of its networks."""

    made: int
    opcodes: int = OPCODES
    parts: int = PARTS

    @classmethod
    def of(cls, size: int) -> "Budget":
        """For a file of `size` bytes: taken out of texts and nested files, and half precision doubles."""
        return cls(made=4 * size + 16 * MEGABYTE)

    def step(self) -> None:
        """One opcode. Raises BadRequest when there were too many."""
        self.opcodes -= 1
        if self.opcodes < 0:
            raise BadRequest(f"it holds more than {OPCODES:,} steps, no StyleGAN does")

    def make(self, size: int) -> None:
        """`size` bytes of new data. Raises BadRequest when the file would grow out of proportion."""
        self.made -= size
        if self.made < 0:
            raise BadRequest("it would unfold to far more numbers than it holds")

    def part(self, depth: int = 0) -> None:
        """One module or tensor of a network, `depth` modules deep. Raises BadRequest."""
        self.parts -= 1
        if self.parts < 0 or depth > DEPTH:
            raise BadRequest("its modules are nested too deep or are too many for a StyleGAN")


def told(name: object) -> str:
    """A word of a stranger's file as it may be shown to a person: short, printable, no control characters."""
    text = name if isinstance(name, str) else type(name).__name__
    return "".join(c if c.isprintable() else "?" for c in text[:NAME])
