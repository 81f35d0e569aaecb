"""Importing through the limited child: what is left behind, what is kept, and what the child may not do."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from livegan.control.importing import import_model
from livegan.errors import BadRequest
from livegan.generators import weights
from livegan.importers import convert as converting
from livegan.importers.convert import cache, cached, convert
from tests.importers import writing as w
from tests.importers.honest import CHECKPOINTS, checkpoint

LIMITS = "from livegan.importers import child; "


def run(code):
    """What a child process with our limits prints, and its status."""
    done = subprocess.run([sys.executable, "-c", LIMITS + code], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout.strip(), done.stderr


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_a_checkpoint_becomes_a_model_file(name, tmp_path):
    source, target = checkpoint(name), tmp_path / "made" / "model.safetensors"
    found = convert(source, target)
    model = weights.load(target)
    assert found.architecture == model.architecture == CHECKPOINTS[name]
    assert found.size == (int(source.stem.rsplit("-", 1)[1]),) * 2
    assert found.parameters == sum(tensor.size for tensor in model.tensors.values())
    assert list(target.parent.iterdir()) == [target]


def test_what_fails_leaves_everything_as_it_was(tmp_path):
    target = tmp_path / "model.safetensors"
    target.write_bytes(b"before")
    source = tmp_path / "cut.pkl"
    source.write_bytes(w.file()[:5000])
    with pytest.raises(BadRequest, match=r"cut\.pkl cannot be imported: it is damaged"):
        convert(source, target)
    assert target.read_bytes() == b"before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut.pkl", "model.safetensors"]


def test_shapes_that_do_not_fit_are_told_with_the_files_name(tmp_path):
    whole = w.stylegan2()
    w.part(whole, "synthesis", "b8", "conv0")["_parameters"]["bias"] = w.tensor(np.ones(3, np.float32))
    (tmp_path / "odd.pkl").write_bytes(w.pickled({"G_ema": whole}))
    with pytest.raises(BadRequest, match=r"^odd\.pkl cannot be imported: .*b8\.conv0\.bias of shape \(3,\)"):
        convert(tmp_path / "odd.pkl", tmp_path / "odd.safetensors")


def test_a_child_that_dies_is_told(monkeypatch, tmp_path):
    (tmp_path / "model.pkl").write_bytes(w.file())
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with pytest.raises(BadRequest, match="ended without an answer"):
        convert(tmp_path / "model.pkl", tmp_path / "model.safetensors")


def test_a_child_that_takes_too_long_is_ended(tmp_path):
    (tmp_path / "slow.pkl").write_bytes(w.file())
    with pytest.raises(BadRequest, match="took more than 0 s"):
        convert(tmp_path / "slow.pkl", tmp_path / "slow.safetensors", seconds=0)


@pytest.mark.parametrize(
    ("source", "target", "told"),
    [
        ("missing.pkl", "a.safetensors", "there is no file"),
        ("there.pkl", "a.pkl", "ends in .safetensors"),
        ("there.safetensors", "a.safetensors", "already"),
    ],
)
def test_wrong_requests_are_told(source, target, told, tmp_path):
    for name in ("there.pkl", "there.safetensors"):
        (tmp_path / name).write_bytes(b"N.")
    with pytest.raises(BadRequest, match=told):
        convert(tmp_path / source, tmp_path / target)


def test_the_child_needs_no_torch():
    status, out, _ = run("import sys; from livegan.importers import read; print('torch' in sys.modules)")
    assert (status, out) == (0, "False")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems hold no limit on memory; the parent looks instead")
def test_the_child_gets_memory_for_its_file_and_no_more():
    take = "import mmap; mmap.mmap(-1, {} << 20); print('taken')"
    assert run("child._limit(0); " + take.format(1400))[:2] == (0, "taken")
    status, _, error = run("child._limit(0); " + take.format(1600))
    assert status != 0
    assert "Cannot allocate memory" in error
    assert run("child._limit(100 << 20); " + take.format(1800))[:2] == (0, "taken")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux takes the network away")
def test_the_child_has_no_network_where_the_system_allows():
    code = "import socket, ctypes; print(ctypes.CDLL(None).unshare(0x50000000))"
    if run(code)[1] != "0":
        pytest.skip("this system does not let a program leave the network")
    status, out, _ = run("import socket; child._leave(); print([name for _, name in socket.if_nameindex()])")
    assert (status, out) == (0, "['lo']")


def test_a_memory_hog_is_ended_by_the_parent(monkeypatch, tmp_path):
    hog = tmp_path / "hog.py"
    hog.write_text("import time\ndata = bytearray(300 << 20)\ntime.sleep(60)\n")
    process = subprocess.Popen([sys.executable, str(hog)])
    try:
        assert "memory" in converting._watched(process, 200 << 20, 50)
    finally:
        process.kill()
        process.wait()


def test_a_checkpoint_is_imported_once_into_the_cache(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    source, told = tmp_path / "mine.pkl", []
    source.write_bytes(w.file(w.Net(average=False)))
    first = cached(source, told.append)
    assert first.parent == tmp_path / "cache" / "livegan" / "models"
    assert weights.load(first).architecture == "stylegan2"
    assert len(told) == 2
    assert "mine.pkl" in told[0]
    assert "estimated" in told[1]
    assert cached(source, told.append) == first
    assert cached(source) == first
    assert len(told) == 2


def test_a_model_file_needs_no_cache(tmp_path):
    assert cached(tmp_path / "model.safetensors") == tmp_path / "model.safetensors"


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(BadRequest, match="cannot be read"):
        cached(tmp_path / "nothing.pkl")


@pytest.mark.parametrize(
    ("platform", "folder"),
    [("linux", ".cache"), ("darwin", "Library/Caches"), ("win32", "AppData/Local")],
)
def test_the_cache_lies_where_the_system_wants_it(platform, folder, monkeypatch):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    assert cache() == Path.home() / folder / "livegan" / "models"


def test_a_relative_cache_folder_is_not_taken(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "somewhere")
    assert cache() == Path.home() / ".cache" / "livegan" / "models"


def test_the_command_tells_what_it_imported(tmp_path):
    told = []
    source = checkpoint("rosinality-trainer-64.pt")
    import_model(source, tmp_path / "m.safetensors", told.append)
    assert "rosinality-trainer-64.pt is a StyleGAN2 of 64 x 64 pixels" in told[0]
    assert "estimated" in told[1]
    assert os.path.exists(tmp_path / "m.safetensors")
