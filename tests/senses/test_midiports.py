import pytest

from livegan.errors import Lost
from livegan.senses.midiports import chosen, stable

THROUGH = "Midi Through:Midi Through Port-0 14:0"
DESK = "nanoKONTROL2:nanoKONTROL2 MIDI 1 20:0"
PADS = "LPD8:LPD8 MIDI 1 24:0"


@pytest.mark.parametrize(
    ("wanted", "found"),
    [(None, DESK), ("LPD8", PADS), ("lpd8", PADS), ("through", THROUGH), ("MIDI 1", DESK), (PADS, PADS)],
)
def test_a_port_is_found_by_a_part_of_its_name(wanted, found):
    names = [THROUGH, DESK, PADS]
    assert names[chosen(names, wanted)] == found


def test_what_was_copied_with_its_numbers_is_found_with_others():
    assert chosen([THROUGH, "LPD8:LPD8 MIDI 1 32:0"], PADS) == 1
    assert stable(PADS) == "LPD8:LPD8 MIDI 1"


@pytest.mark.parametrize("wanted", [None, "Launchpad", "20:0"])
def test_what_is_not_there_is_told_with_what_is(wanted):
    with pytest.raises(Lost, match='found "Midi Through:Midi Through Port-0"') as lost:
        chosen([THROUGH], wanted)
    assert "plug it in" in str(lost.value)
    with pytest.raises(Lost, match="found none"):
        chosen([], wanted)
