from hypothesis import given
from hypothesis import strategies as st

from livegan.senses.heldnotes import MOST, HeldNotes

MOVES = st.lists(st.tuples(st.integers(0, 2), st.sampled_from([36, 60, 127]), st.sampled_from([0, 0.25, 1.0])))


def held_after(moves):
    """What a plain reading says is held: note to the velocity it was struck with last."""
    on, velocity = set(), {}
    for channel, note, strength in moves:
        if strength:
            on.add((channel, note))
            velocity[note] = strength
        else:
            on.discard((channel, note))
    return {note: velocity[note] for _, note in on}


def told(notes):
    """Everything that is to be told, frame by frame."""
    frames = []
    while notes.waiting:
        frames.append(notes.tell())
    return frames


def move(notes, channel, note, strength):
    notes.press(channel, note, strength) if strength else notes.release(channel, note)


@given(MOVES)
def test_in_the_end_exactly_those_are_held_that_were_not_let_go(moves):
    notes, state = HeldNotes(), {}
    for one in moves:
        move(notes, *one)
    for frame in told(notes):
        state.update(frame)
    assert {note: velocity for note, velocity in state.items() if velocity} == held_after(moves)
    assert notes.tell() == {}


@given(MOVES)
def test_told_after_each_message_every_strike_and_every_release_is_told(moves):
    notes, state, strikes = HeldNotes(), {}, []
    for place, one in enumerate(moves, 1):
        move(notes, *one)
        for frame in told(notes):
            state.update(frame)
            strikes += [(note, velocity) for note, velocity in frame.items() if velocity]
        assert {note: velocity for note, velocity in state.items() if velocity} == held_after(moves[:place])
    assert strikes == [(note, strength) for _, note, strength in moves if strength]


def test_a_strike_and_its_release_between_two_frames_are_both_told():
    notes = HeldNotes()
    for note in range(10):
        notes.press(0, note, 0.5)
        notes.release(0, note)
    assert told(notes) == [dict.fromkeys(range(10), 0.5), dict.fromkeys(range(10), 0.0)]


def test_a_note_struck_again_at_once_is_let_go_in_between():
    notes = HeldNotes()
    notes.press(0, 60, 0.5)
    assert told(notes) == [{60: 0.5}]
    notes.release(0, 60)
    notes.press(0, 60, 0.75)
    assert told(notes) == [{60: 0.0}, {60: 0.75}]


def test_a_note_that_another_channel_holds_stays_held():
    notes = HeldNotes()
    notes.press(0, 60, 0.5)
    notes.press(1, 60, 0.75)
    notes.release(1, 60)
    assert told(notes) == [{60: 0.5}, {60: 0.75}]
    notes.release(0, 60)
    assert told(notes) == [{60: 0.0}]


def test_a_flood_on_one_note_is_merged_and_ends_as_it_should():
    notes = HeldNotes()
    for _ in range(1000):
        notes.press(0, 60, 1.0)
        notes.release(0, 60)
    frames = told(notes)
    assert len(frames) == MOST
    assert frames[-1] == {60: 0.0}


def test_letting_go_what_is_not_held_is_not_told():
    notes = HeldNotes()
    notes.press(0, 60, 1.0)
    notes.release(1, 60)
    notes.release(0, 61)
    assert told(notes) == [{60: 1.0}]


def test_letting_all_go_lets_go_those_of_the_channel():
    notes = HeldNotes()
    for channel, note in [(0, 60), (0, 61), (1, 61), (1, 62)]:
        notes.press(channel, note, 1.0)
    told(notes)
    notes.release_all(0)
    assert told(notes) == [{60: 0.0}]
    notes.release_all()
    assert told(notes) == [{61: 0.0, 62: 0.0}]
