"""The command `livegan play`, in this process: real shows, offscreen."""

import contextlib
import json
import signal
import socket

import av
import pytest

from livegan import osc, patch
from livegan.control import playing
from livegan.control.playing import Wanted
from livegan.errors import BadRequest
from livegan.inputs.take import load_take
from livegan.stage import screen
from tests.shows import STEADY, free_port


@pytest.fixture
def show(tmp_path):
    path = tmp_path / "show.toml"
    path.write_text(STEADY)
    return str(path)


def played(show: str, **wanted: object) -> list[str]:
    said: list[str] = []
    playing.play(Wanted(show, "offscreen", **wanted), said.append)
    return said


def test_a_show_plays_so_many_pictures_and_tells(show, tmp_path):
    said = played(show, frames=5, report=tmp_path / "new" / "report.json")
    told = json.loads((tmp_path / "new" / "report.json").read_text())
    assert told["frames"] == 5
    assert said[0].startswith("5 pictures at ")
    assert str(tmp_path / "new" / "report.json") in said[-1]


def test_a_show_plays_so_many_seconds_at_the_rate_that_was_asked(show, tmp_path):
    played(show, seconds=1.0, fps=10.0, report=tmp_path / "report.json")
    told = json.loads((tmp_path / "report.json").read_text())
    assert 0.9 <= told["seconds"] < 10
    assert 1 <= told["frames"] <= 11


def test_what_smoothing_costs_and_what_was_sent_is_reported(tmp_path):
    path, port = tmp_path / "show.toml", free_port()
    mapping = '[mapping.straight]\nfeatures = "body"\noutputs = "pca:1"\nsmooth = "120 ms"\n'
    send = f'[send.light]\nto = "localhost:{port}"\nmapping = "straight"\n'
    path.write_text(STEADY + mapping + send)
    with contextlib.closing(socket.socket(type=socket.SOCK_DGRAM)) as ear:
        ear.bind(("127.0.0.1", port))
        played(str(path), seconds=2.0, report=tmp_path / "report.json")
        told = json.loads((tmp_path / "report.json").read_text())
        assert told["sends"]["light"]["dropped"] == 0
        assert told["sends"]["light"]["sent"] > 5
        assert osc.decode(ear.recv(1000))[0].address == "/wek/outputs"
    assert told["smoothing_ms"]["straight"]["asked"] == 120
    assert 0 < told["smoothing_ms"]["straight"]["p50"] <= 120


def test_what_was_shown_is_recorded(show, tmp_path):
    said = played(show, frames=10, record=tmp_path / "show.mp4")
    with av.open(str(tmp_path / "show.mp4")) as film:
        pictures = list(film.decode(video=0))
    assert 1 <= len(pictures) <= 12
    assert (pictures[0].width, pictures[0].height) == (64, 64)
    assert any("show.mp4" in sentence for sentence in said)


def test_an_inputs_frames_are_kept(show, tmp_path):
    said = played(show, seconds=1.0, takes=(f"body={tmp_path / 'body.safetensors'}",))
    features, frames = load_take(tmp_path / "body.safetensors")
    assert [feature.name for feature in features] == ["x"]
    assert said[0].startswith(f"{len(frames)} frames of body are in ")


@pytest.mark.parametrize("take", ["nobody=a.safetensors", "body", "body=", "=a.safetensors", ""])
def test_a_take_of_nothing_is_told(show, take):
    with pytest.raises(BadRequest, match=r"--take wants INPUT=FILE with an input of the patch \(body\)"):
        played(show, frames=1, takes=(take,))


def test_signals_work_as_before_afterwards(show):
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    played(show, frames=2)
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_a_kind_of_stage_that_there_is_not_is_told(show):
    with pytest.raises(BadRequest, match=r'unknown kind "offscren": did you mean "offscreen"'):
        playing.play(Wanted(show, "offscren"), print)


@pytest.mark.parametrize(
    ("stages", "kind"),
    [
        ('[stage.main]\nkind = "offscreen"\n', "offscreen"),
        ('[stage.operator]\nkind = "offscreen"\n', "window"),
        ('[stage.operator]\nkind = "window"\n[stage.wall]\nkind = "offscreen"\n', "offscreen"),
        ("", "window"),
    ],
)
def test_the_audiences_stage_is_the_first_that_is_not_the_operators(tmp_path, stages, kind):
    path = tmp_path / "show.toml"
    path.write_text(stages)
    assert playing._main_stage(patch.read(path), Wanted()).kind == kind


@pytest.mark.parametrize(
    ("table", "monitors", "found"),
    [
        ({}, ["left"], None),
        ({}, ["left", "right"], "right"),
        ({"monitor": "RIGHT"}, ["left", "right"], "left"),
        ({"monitor": "left"}, ["left"], None),
    ],
)
def test_the_operator_gets_the_monitor_that_the_audience_has_not(tmp_path, monkeypatch, table, monitors, found):
    monkeypatch.setattr(screen, "monitors", lambda: monitors)
    path = tmp_path / "show.toml"
    path.write_text("")
    part = playing._operator_stage(patch.read(path), patch.part("stage", "window", table, "test"))
    assert (part and part.settings.monitor) == found
