"""The generators that livegan knows and cannot play: each is refused by its name, and nothing is ever guessed."""

from livegan.errors import BadRequest
from livegan.importers.limits import told

_MODULES = {
    "timm": "StyleGAN-XL or another projected GAN",
    "pg_modules": "StyleGAN-XL or another projected GAN",
    "networks": "StyleGAN-T",
    "clip": "StyleGAN-T",
    "open_clip": "StyleGAN-T",
    "stylegan2_pytorch": "lucidrains' stylegan2-pytorch",
    "training.triplane": "EG3D",
    "training.volumetric_rendering": "EG3D",
    "torch.nn.modules.sparse": "StyleGAN-XL",
}
_CLASSES = {
    "SuperresGenerator": "StyleGAN-XL",
    "SuperresSynthesisNetwork": "StyleGAN-XL",
    "SynthesisNetworkFromStemModel": "StyleGAN-XL",
    "Embedding": "StyleGAN-XL",
    "TriPlaneGenerator": "EG3D",
    "TriPlaneSemanticGenerator": "EG3D",
    "OSGDecoder": "EG3D",
    "ImportanceRenderer": "EG3D",
    "SuperresolutionHybrid8XDC": "EG3D",
    "CLIP": "StyleGAN-T",
    "StyleSplit": "StyleGAN-T",
    "FullyConnectedLayerWithClip": "StyleGAN-T",
}
PLAYED = "StyleGAN2 and StyleGAN3 from NVIDIA's PyTorch or TensorFlow code, and rosinality's StyleGAN2"


def foreign(module: str) -> str:
    """What a name from `module` says about a file, as a part of a sentence."""
    for known, kind in _MODULES.items():
        if module == known or module.startswith(f"{known}."):
            return f"as {kind} does, which livegan cannot play"
    return "which is not part of any StyleGAN file that livegan knows"


def refused(kind: str) -> BadRequest:
    """The refusal of a kind that is known and not supported."""
    return BadRequest(f"it is {kind}, which livegan cannot play; it imports {PLAYED}")


def refused_class(name: object) -> BadRequest:
    """The refusal of a network that is made of a class with this name."""
    if isinstance(name, str) and name in _CLASSES:
        return refused(f"{_CLASSES[name]} (it is made of {name})")
    return BadRequest(f"its generator is made of {told(name)}, which livegan does not know; it imports {PLAYED}")
