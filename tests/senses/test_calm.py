import numpy as np

from livegan.frame import Feature
from livegan.senses.calm import Calm


def test_what_a_limb_does_for_one_frame_only_is_left_out_and_what_it_keeps_doing_is_believed():
    features = [Feature("wrist.x", group="arm", unit=0.5), Feature("knee.x", group="leg", unit=0.3)]
    calm, before, present = Calm(features, np.array([0, 1])), np.zeros(2, np.float32), np.array([True, True])
    told = []
    for n, wrist in enumerate([0.0, 0.1, 0.9, 0.2, 0.9, 0.95]):
        values = np.array([wrist, 0.1 * n], np.float32)
        before = calm.kept(values, before, present, 5 + n / 30)
        told.append(before.tolist())
    assert np.allclose([wrist for wrist, _ in told], [0.0, 0.1, 0.1, 0.2, 0.2, 0.95])
    assert np.allclose([knee for _, knee in told], [0.0, 0.1, 0.2, 0.3, 0.4, 0.5])
