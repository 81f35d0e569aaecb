"""What a picture costs: how often two numbers are multiplied and added for it, whatever the machine.

Counts while a picture is drawn by the plain path; changes nothing.
"""

from torch.utils.flop_counter import FlopCounterMode

from livegan.generators.base import Generator
from livegan.latent.look import Look


def multiply_adds(generator: Generator, look: Look) -> int:
    """Multiply-adds of the convolutions and matrix products for one picture of `look`, as torch counts them."""
    with FlopCounterMode(display=False) as counted:
        generator.images([look])
    return counted.get_total_flops() // 2
