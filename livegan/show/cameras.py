"""Which cameras of a patch are one and the same, whatever each input calls it: a device opens only once.

It asks which devices there are and opens none.
"""

import re
from collections.abc import Callable, Iterable

from livegan.errors import Lost
from livegan.inputs.camera import device_index

_NUMBER = re.compile(r"\d+|/dev/video\d+")  # what changes when a camera is plugged in again


def one_each(sources: Iterable[str], index_of: Callable[[str], int] = device_index) -> dict[str, str]:
    """For each source of pictures the one to open for it: the first of its device that is a name, if one is.

    A device that is not there now is known by what the patch calls it alone.
    """
    alike: dict[int | str, list[str]] = {}
    for source in sources:
        alike.setdefault(_device(source, index_of), []).append(source)
    return {source: max(names, key=_lasts) for names in alike.values() for source in names}


def _device(source: str, index_of: Callable[[str], int]) -> int | str:
    scheme, _, name = source.partition(":")
    try:
        return index_of(name) if scheme == "camera" else source
    except Lost:
        return source


def _lasts(source: str) -> bool:
    return not _NUMBER.fullmatch(source.partition(":")[2])
