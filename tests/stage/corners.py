"""Pictures whose every region is known by its colour, and where a fit must put them."""

import numpy as np

RED, GREEN, BLUE, WHITE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)


def quarters(width, height):
    """Red top left, green top right, blue bottom left, white bottom right."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[: height // 2, : width // 2] = RED
    picture[: height // 2, width // 2 :] = GREEN
    picture[height // 2 :, : width // 2] = BLUE
    picture[height // 2 :, width // 2 :] = WHITE
    return picture


def corners(pixels):
    """The colours of the outermost pixels: top left, top right, bottom left, bottom right."""
    return [tuple(int(value) for value in pixels[y, x]) for y in (0, -1) for x in (0, -1)]


def columns(pixels):
    """The colours across the middle of the upper half, with runs of the same colour counted as one."""
    row = [tuple(int(value) for value in pixel) for pixel in pixels[pixels.shape[0] // 4]]
    return [pixel for i, pixel in enumerate(row) if i == 0 or pixel != row[i - 1]]
