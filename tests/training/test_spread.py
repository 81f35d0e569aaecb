"""Two real processes do what one does, and leave one folder; torchrun starts them, as it would elsewhere."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import torch.distributed as dist

from livegan.errors import BadRequest
from livegan.training.checkpoint import newest
from livegan.training.logbook import read
from livegan.training.spread import joined, meeting
from tests.training.small import FULL, dataset, job, run

TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


def both(pictures: Path, out: Path) -> str:
    """What two processes said while they trained ten steps, and then ten more."""
    words = [*TORCHRUN, "-m", "tests.training.among", str(pictures), str(out)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(words, capture_output=True, text=True, timeout=300, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_two_processes_do_what_one_does_and_speak_as_one(tmp_path):
    pictures = dataset(tmp_path / "set")
    run(job(pictures, tmp_path / "one", steps=20, every=10, config=FULL))
    said = both(pictures, tmp_path / "two")
    assert said.count("Going on from step 10 of 20.\n") == 1
    assert said.count("threads at the end: python\n") == 2, f"a thread that still runs can abort its process: {said}"
    one, two = read(tmp_path / "one/log.csv"), read(tmp_path / "two/log.csv")
    assert [line.step for line in one] == [line.step for line in two] == [*range(21)]
    for mine, theirs in zip(one[1:], two[1:], strict=True):
        for name in ("d_loss", "g_loss", "r1", "pl", "real_sign", "ada_p"):
            found = getattr(mine, name)
            wanted = None if found is None else pytest.approx(found, abs=1e-3)
            assert getattr(theirs, name) == wanted, (name, mine.step)
    assert newest(tmp_path / "two/checkpoints")[0].numbers["pictures"] == 20 * 16


def test_one_process_is_joined_to_nobody(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with joined("cpu") as alone:
        assert (alone.rank, alone.ranks, alone.device, alone.first) == (0, 1, "cpu", True)
        assert [alone.any(True), alone.any(False)] == [True, False]
        assert alone.text(lambda: "é") == "é"


@pytest.mark.parametrize("device", ["tpu", "cuda:x", "cpu:1", "cuda:99"])
def test_a_device_that_is_not_there_is_one_sentence(device):
    with pytest.raises(BadRequest, match="--device"), joined(device):
        pass


def test_processes_that_start_again_do_not_meet_what_dead_ones_left():
    store = dist.TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False, timeout=timedelta(seconds=60))
    with ThreadPoolExecutor() as pool:
        for _ in range(2):
            store.set("asks/1", "a word of the dead")
            store.delete_key("answer/a word of the dead")
            first = pool.submit(meeting, store.clone(), 0, 3)
            store.wait(["answer/a word of the dead"])
            others = [pool.submit(meeting, store.clone(), rank, 3) for rank in (1, 2)]
            first.result().set("here", "it is")
            assert [other.result().get("here") for other in others] == [b"it is"] * 2
            assert not store.check(["here"])
