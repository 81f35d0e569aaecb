"""Where each pixel of a picture looks, and how far that is from the sun.

Pixels are spread evenly over angles, so that a wide lens bends nothing. Draws nothing.
"""

import numpy as np

from livegan.training.skies.fields import Field
from livegan.training.skies.scene import Scene


class View:
    """A square picture of `scene`, `size` pixels wide.

    x [1, W], y [H, 1]: places in sides. azimuth [1, W], elevation [H, 1]: directions in radians.
    """

    def __init__(self, scene: Scene, size: int) -> None:
        self.scene, self.size = scene, size
        middle = ((np.arange(size) + 0.5) / size).astype(np.float32)
        self.x, self.y = middle[None], middle[:, None]
        self.azimuth = (self.x - 0.5) * scene.fov
        self.elevation = (scene.horizon - self.y) * scene.fov
        self.sun = self.apart(*scene.sun)

    def apart(self, azimuth: float, elevation: float) -> Field:
        """How far each pixel is from a direction, radians [H, W], as on a flat map: suns and rainbows stay round."""
        return np.hypot(self.azimuth - azimuth, self.elevation - elevation).astype(np.float32)

    def pixels(self, sides: float) -> int:
        """A length in whole pixels, at least one."""
        return max(1, round(sides * self.size))
