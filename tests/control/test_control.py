"""Control of a show: keys, other programs and the terminal reach the same commands; what is said is seen and heard."""

import contextlib
import socket
from pathlib import Path

import pytest

from livegan import osc
from livegan.control.control import Control
from livegan.control.keys import DEFAULT_KEYS
from livegan.control.playing import Wanted, play, tell_keys
from livegan.control.repertoire import AGAIN, COMMANDS
from livegan.errors import BadRequest
from livegan.stage.base import Event
from tests.rehearsal.rig import Rig
from tests.shows import STEADY, free_port, wait_for

QUIET = "[control]\non = false\n"


class Seen:
    """A rig with control: what was seen, and what the terminal was told."""

    def __init__(self, folder: Path, more: str = QUIET) -> None:
        self.rig = Rig(folder, f"count = 0.2\nseconds = 0.4\n{more}")
        self.views, self.told = 0, []
        self.control = Control(self.rig.rehearsal, self.rig.one.plan, self._view, [], self.rig.clock, self.told.append)
        self.rig.show.hear, self.rig.show.aside = self.control.hear, self.control.step
        self.rig.go(1.0)

    def press(self, key: str, down: bool = True) -> None:
        self.control.hear(Event("key", key, down=down))

    def _view(self) -> None:
        self.views += 1


@pytest.fixture
def seen(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    one = Seen(tmp_path)
    yield one
    one.control.close()


def test_h_asks_for_the_view(seen):
    seen.press("h")
    seen.press("h", down=False)
    assert seen.views == 1


def test_q_twice_in_time_ends_the_show(seen):
    seen.press("q")
    assert seen.rig.show.running
    seen.rig.clock.time += AGAIN - 0.01
    seen.press("q")
    assert not seen.rig.show.running


def test_q_now_and_then_does_not(seen):
    for _ in range(5):
        seen.press("q")
        seen.rig.clock.time += AGAIN
    assert seen.rig.show.running


def test_closing_the_window_ends_the_show_and_escape_does_not(seen):
    seen.press("escape")
    seen.press("escape")
    assert seen.rig.show.running
    seen.control.hear(Event("close"))
    assert not seen.rig.show.running


def test_a_look_is_chosen_kept_and_taught_by_keys_alone_and_the_board_shows_it(seen):
    seen.press("g")
    seen.rig.go(1.0)
    board = seen.control.board
    assert (board.mode, len(board.grid), board.alert) == ("choosing", 12, True)
    assert all(cell.picture is not None for cell in board.grid)
    seen.press("3")
    seen.press("k")
    seen.rig.go(0.2)
    assert [cell.chosen for cell in seen.control.board.grid].index(True) == 2
    assert [cell.caption for cell in seen.control.board.kept] == ["look 1"]
    seen.press("page_down")
    seen.rig.go(0.2)
    assert seen.control.board.mode == "counting"
    assert seen.control.board.big == "1"
    seen.rig.go(2.0)
    assert seen.control.board.mode == "playing"
    assert seen.control.board.confidence == 1.0
    assert any("taught: " in sentence for sentence, _ in seen.control.board.said)


def test_a_mistake_is_seen_and_what_is_held_is_let_go(seen):
    seen.press("t")
    seen.rig.go(0.2)
    sentence, error = seen.control.board.said[-1]
    assert sentence.startswith("no look is chosen")
    assert error
    assert seen.control.board.alert
    seen.rig.rehearsal.choosing.seed(1)
    seen.press("r")
    seen.rig.go(0.5)
    assert seen.control.board.mode == "recording"
    seen.press("r", down=False)
    seen.rig.go(1.0)
    assert len(seen.rig.rehearsal.lectern.rounds.kept) == 1


def test_panic_keys_are_undone_by_themselves(seen):
    for key, mode in (("f", "frozen"), ("s", "safe"), (".", "black")):
        seen.press(key)
        seen.rig.go(0.2)
        assert seen.control.board.mode == mode
    for key, mode in ((".", "safe"), ("s", "frozen"), ("f", "playing")):
        seen.press(key)
        seen.rig.go(0.2)
        assert seen.control.board.mode == mode


def test_another_program_commands_by_osc_and_is_answered(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    port = free_port()
    one = Seen(tmp_path, f"[control]\nport = {port}\n")
    with contextlib.closing(one.control), socket.socket(type=socket.SOCK_DGRAM) as asking:
        asking.settimeout(0.05)
        asking.bind(("127.0.0.1", 0))

        def asked(*words: osc.Value) -> list[osc.Value]:
            found: list[osc.Message] = []

            def answered() -> bool:
                if not found:
                    asking.sendto(osc.encode(f"/livegan/{words[0]}", *words[1:]), ("127.0.0.1", port))
                one.rig.go(0.04)
                with contextlib.suppress(TimeoutError):
                    found.extend(osc.decode(asking.recv(65_507)))
                return any(message.address == "/livegan/reply" and message.values[0] == words[0] for message in found)

            wait_for(answered)
            return list(next(m for m in found if m.values[0] == words[0]).values)

        assert asked("seed", 7.0) == ["seed", 1, "the look of seed 7 is on stage: keep it or teach it"]
        assert one.rig.rehearsal.choosing.chosen.seed == 7
        assert asked("sed", 7)[:2] == ["sed", 0]
        assert asked("seed", "seven")[1] == 0


def test_a_countdown_is_heard_when_the_patch_asks(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    one = Seen(tmp_path, f"click = true\n{QUIET}")
    heard: list[bool] = []
    with contextlib.closing(one.control):
        monkeypatch.setattr(one.control._clicks, "play", lambda high: heard.append(high))
        one.rig.rehearsal.choosing.seed(1)
        one.rig.rehearsal.teach()
        one.rig.go(2.0)
    assert heard == [False, True]


def test_every_default_key_asks_for_a_command_that_is_there():
    assert {COMMANDS.parse(text)[0] for text in DEFAULT_KEYS.values()} >= {"grid", "teach", "freeze", "undo", "quit"}


def test_the_readme_lists_the_commands_as_they_are():
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    assert COMMANDS.as_markdown(DEFAULT_KEYS) in readme


def test_the_list_on_the_command_line_has_the_keys_of_the_patch(tmp_path):
    path, said = tmp_path / "show.toml", []
    path.write_text(STEADY + '[keys]\nf5 = "view"\n')
    tell_keys(str(path), said.append)
    (view,) = [line for line in said if line.startswith("view")]
    assert "H, f5" in view
    tell_keys(None, said.clear() or said.append)
    assert not any("f5" in line for line in said)
    assert any("F11" in line for line in said)


def test_a_wrong_table_of_a_patch_is_told_before_anything_is_opened(tmp_path):
    path = tmp_path / "show.toml"
    path.write_text(STEADY + '[keys]\nf5 = "veiw"\n')
    for attempt in (lambda: tell_keys(str(path), print), lambda: play(Wanted(str(path), "offscreen"), print)):
        with pytest.raises(BadRequest, match=r'show\.toml, keys\."f5": .*did you mean "view"\?'):
            attempt()
