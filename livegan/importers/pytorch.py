"""NVIDIA's PyTorch pickles: StyleGAN2-ADA, and StyleGAN2 and 3 as the StyleGAN3 code writes them.

What a module says about itself comes before the keywords that it was made with, since forks change defaults.
"""

import re
from collections.abc import Iterator

import numpy as np

from livegan.errors import BadRequest
from livegan.importers import network, stylegan2, stylegan3
from livegan.importers.kinds import refused, refused_class
from livegan.importers.limits import Budget, told
from livegan.importers.network import Found
from livegan.importers.records import Array, Module, Tensor

_LAYERS = {"MappingNetwork", "SynthesisNetwork", "SynthesisLayer", "FullyConnectedLayer"}
_CLASSES = {
    "stylegan2": {"Generator", "SynthesisBlock", "ToRGBLayer", "Conv2dLayer"} | _LAYERS,
    "stylegan3": {"Generator", "SynthesisInput"} | _LAYERS,
}
_JUDGES = {"Discriminator", "DiscriminatorBlock", "DiscriminatorEpilogue", "MinibatchStdLayer", "MappingNetwork"} | {
    "FullyConnectedLayer",
    "Conv2dLayer",
}
_PART = re.compile(r"\w{1,100}", re.ASCII)
_LARGER = re.compile(r"synthesis\.b(8|\d\d+)(\.conv0|\.skip)?")
_CLAMP = 256


def generator(whole: object) -> Module | None:
    """The generator in what a pickle holds: G_ema, else G; None where the file is not of this kind."""
    if isinstance(whole, Module):
        return whole
    places = ("G_ema", "G", "Gs") if isinstance(whole, dict) else ()
    return next((whole[place] for place in places if isinstance(whole.get(place), Module)), None)


def found(module: Module, budget: Budget) -> Found:
    """The generator with its numbers. Raises BadRequest for other kinds, and for what does not fit together."""
    modules = dict(_walk(module, "", budget, 0))
    kinds = {one.kind for one in modules.values()}
    architecture = "stylegan3" if "SynthesisInput" in kinds else "stylegan2"
    for kind in sorted(kinds - _CLASSES[architecture]):
        raise refused_class(kind)
    if module.kind != "Generator" or not {"mapping", "synthesis"} <= modules.keys():
        raise BadRequest(f"its generator ({told(module.kind)}) has no mapping and synthesis networks")
    if "mapping.embed_proj" in modules:
        raise refused("StyleGAN-XL (its classes are embedded twice)")
    tensors = {name: value for name, value in _tensors(modules, budget) if not name.endswith("resample_filter")}
    if architecture == "stylegan3":
        return stylegan3.found(tensors, _given3(module, modules), _lr(module, modules), [])
    return stylegan2.found(tensors, _given2(module, modules, budget), [])


def discriminator(whole: object, budget: Budget) -> network.Tensors:
    """The tensors of the discriminator D, none where there is none. Raises BadRequest for one of another kind."""
    module = whole.get("D") if isinstance(whole, dict) else None
    if not isinstance(module, Module):
        return {}
    modules = dict(_walk(module, "", budget, 0))
    for kind in sorted({one.kind for one in modules.values()} - _JUDGES):
        raise BadRequest(f"its discriminator is made of {told(kind)}, which livegan does not know")
    tensors = {name: value for name, value in _tensors(modules, budget) if not name.endswith("resample_filter")}
    network.checked("discriminator", tensors)
    return tensors


def _walk(module: Module, name: str, budget: Budget, depth: int) -> Iterator[tuple[str, Module]]:
    """Every module in it by its full name; what refers to itself ends at the limits."""
    yield name, module
    for part, child in module.children("_modules").items():
        budget.part(depth + 1)
        if child is None:
            continue
        if not isinstance(child, Module) or not isinstance(part, str) or not _PART.fullmatch(part):
            raise refused_class(type(child).__name__ if not isinstance(child, Module) else part)
        yield from _walk(child, f"{name}.{part}" if name else part, budget, depth + 1)


def _tensors(modules: dict[str, Module], budget: Budget) -> Iterator[tuple[str, np.ndarray]]:
    for prefix, module in modules.items():
        for place in ("_parameters", "_buffers"):
            for name, value in module.children(place).items():
                budget.part()
                if value is None:
                    continue
                if not isinstance(value, Tensor | Array) or not isinstance(name, str) or not _PART.fullmatch(name):
                    raise BadRequest(f"its parameter {told(name)} is no tensor")
                yield f"{prefix}.{name}".lstrip("."), value.array(budget)


def _attribute(modules: dict[str, Module], name: str, key: str, *otherwise: object) -> object:
    """What the module `name` says about itself, else the first of what follows that is there."""
    state = modules[name].state if name in modules else {}
    keywords = modules[name].keywords() if name in modules else {}
    places = (state.get(key, _MISSING), keywords.get(key, _MISSING), *otherwise)
    return next((value for value in places if value is not _MISSING), None)


_MISSING = object()


def _table(keywords: dict, key: str) -> dict:
    return keywords[key] if isinstance(keywords.get(key), dict) else {}


def _lr(module: Module, modules: dict[str, Module]) -> object:
    """How much slower the mapping network learnt: its bias gain, else its keyword."""
    keyword = _table(module.keywords(), "mapping_kwargs").get("lr_multiplier", 0.01)
    asked = _attribute(modules, "mapping.fc0", "lr_multiplier", keyword)
    return _attribute(modules, "mapping.fc0", "bias_gain", asked)


def _given2(module: Module, modules: dict[str, Module], budget: Budget) -> stylegan2.Given:
    whole = module.keywords()
    keywords = whole | _table(whole, "synthesis_kwargs")
    # The StyleGAN3 code writes all keywords at the top level, and clamps unless it is told not to.
    clamp = keywords.get("conv_clamp", None if "synthesis_kwargs" in whole else _CLAMP)
    layers = ("synthesis.b4.conv1", "synthesis.b8.conv0", "mapping.fc0")
    return stylegan2.Given(
        lr_multiplier=_lr(module, modules),
        conv_clamp=_attribute(modules, "synthesis.b4.conv1", "conv_clamp", clamp),
        resample_filter=_filter(modules, keywords.get("resample_filter"), budget),
        channels=(keywords.get("channel_base", 0), keywords.get("channel_max", 0)),
        activations=tuple(_attribute(modules, name, "activation") for name in layers),
    )


def _filter(modules: dict[str, Module], given: object, budget: Budget) -> list[float]:
    """The resample filter, the same in all layers that make larger; others carry one that they do not use."""
    layers = [module for name, module in modules.items() if _LARGER.fullmatch(name)]
    kernels = [layer.children("_buffers").get("resample_filter") for layer in layers]
    lines = [network.taps(kernel.array(budget), given) for kernel in kernels if isinstance(kernel, Tensor)]
    if any(line != lines[0] for line in lines):
        raise BadRequest("it has several resample filters, livegan plays generators that have one")
    return lines[0] if lines else [1.0, 3.0, 3.0, 1.0]


def _given3(module: Module, modules: dict[str, Module]) -> dict:
    """Keywords of a StyleGAN3; what its layers say about themselves comes first."""
    given = module.keywords() | _table(module.keywords(), "synthesis_kwargs")
    synthesis, first = modules["synthesis"].state, _first_layer(modules)
    for name in ("num_critical", "margin_size", "output_scale"):
        given[name] = synthesis.get(name, given.get(name, stylegan3.DEFAULTS[name]))
    for name in ("conv_clamp", "magnitude_ema_beta"):
        given[name] = first.state.get(name, given.get(name, stylegan3.DEFAULTS[name]))
    taps, factor = first.state.get("up_taps"), first.state.get("up_factor")
    if type(taps) is int and type(factor) is int and factor > 1:
        given["filter_size"] = taps // factor
    return given


def _first_layer(modules: dict[str, Module]) -> Module:
    names = [name for name in modules if name.startswith("synthesis.L0_") and name.count(".") == 1]
    if len(names) != 1:
        raise BadRequest("its synthesis network lacks a first layer")
    return modules[names[0]]
