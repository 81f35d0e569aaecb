"""What is taught, where it refuses before anything is done."""

import numpy as np
import pytest

from livegan.errors import BadRequest
from livegan.mapping.fitted import FILE
from livegan.mapping.mapping import Mapping
from tests.rehearsal.rig import Rig


def test_a_model_that_would_never_play_is_refused_and_teaching_goes_on(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rig = Rig(tmp_path, "count = 0.2\nseconds = 0.4\n", mapping='outputs = ["psi", "glow"]\n')
    rig.go(1.0)
    with pytest.raises(BadRequest, match="nothing was taught yet"):
        rig.rehearsal.refit("ridge")
    rig.rehearsal.numbers().set("psi", 0.2)
    rig.rehearsal.teach()
    rig.go(2.0)
    folder = rig.rehearsal.lectern.rounds.folder
    before = (folder / FILE).read_bytes()
    with pytest.raises(BadRequest, match='was to be fitted by "ridge"'):
        rig.rehearsal.refit("ridge")
    rig.go(1.0)
    assert (folder / FILE).read_bytes() == before
    rig.pose = np.array([4.0, 0, 0])
    rig.rehearsal.numbers().set("psi", 0.9)
    rig.rehearsal.teach()
    rig.go(2.0)
    assert (folder / FILE).read_bytes() != before
    assert Mapping.load(folder).outputs == ("psi", "glow")
    assert not any(one.error for one in rig.rehearsal.said)
