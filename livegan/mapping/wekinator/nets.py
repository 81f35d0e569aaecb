"""modelSetDescription.json: the trained networks of a Wekinator project, as plain numbers.

A stranger's text: what is not whole, finite and of the shape of a network is refused; nothing is guessed.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from livegan.errors import BadRequest

_MOST_NODES = 5000
_NODE = re.compile(r"(?:Sigmoid |Linear )?Node (\d{1,6})", re.ASCII)
_NETWORK = "Neural Network"


@dataclass(frozen=True)
class Net:
    """A network with one output: sigmoid layers, then a linear one, on inputs and output scaled by centre and half
    range. layers: weights float64 [I, O] and thresholds [O], the first from the inputs, the last to one number."""

    inputs: tuple[str, ...]
    base: np.ndarray
    half: np.ndarray
    out_base: float
    out_half: float
    layers: tuple[tuple[np.ndarray, np.ndarray], ...]

    def predict(self, values: np.ndarray) -> float:
        """The output for one row [F] of its inputs, before limits."""
        found = (values - self.base) / self.half
        for weights, thresholds in self.layers[:-1]:
            # As a tanh it does not overflow.
            found = 0.5 + 0.5 * np.tanh(0.5 * (found @ weights + thresholds))
        weights, thresholds = self.layers[-1]
        return float(self.out_base + self.out_half * (found @ weights + thresholds)[0])


def read(data: bytes) -> list[Callable[[], Net] | None]:
    """For each model that is described, in their order, what gives its network; None for those that are none.

    What is given raises BadRequest when that network is damaged; this does when the whole is no description.
    """
    try:
        described = json.loads(data.decode("utf-8"))
        models = [dict(one) for one in described["modelSet"]]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise BadRequest("it describes no models") from error
    return [(lambda one=one: _net(one)) if one.get("modelType") == _NETWORK else None for one in models]


def _net(model: dict[str, object]) -> Net:
    try:
        return _checked(model)
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError) as error:
        why = error.args[0] if type(error) is ValueError else "a part of it is missing"
        raise BadRequest(f"its network is damaged ({str(why)[:120]})") from error


def _checked(model: dict[str, object]) -> Net:
    """Raises ValueError, LookupError, TypeError, AttributeError, OverflowError."""
    names = tuple(_word(one) for one in _list(model["inputNames"]))
    if not names or len(set(names)) < len(names):
        raise ValueError("its inputs have no different names")
    base, half = (_numbers(_list(model[key]), len(names)) for key in ("inBases", "inRanges"))
    out_base, out_half = _numbers([model["outBase"], model["outRange"]], 2)
    # An input that never changed is only moved.
    half = np.where(half == 0, 1.0, half)
    return Net(names, base, half, float(out_base), float(out_half), _layers(_nodes(model), names))


def _word(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("a name is no text")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError("a list is missing")
    return value


def _numbers(values: Sequence[object], count: int) -> np.ndarray:
    found = np.array([float(one) for one in values if isinstance(one, float | int | str)], np.float64)
    # float32 keeps what is played.
    if len(found) != count or not (np.abs(found) < 1e30).all():
        raise ValueError(f"{count} finite numbers were expected")
    return found


def _nodes(model: dict[str, object]) -> dict[str, dict[str, object]]:
    """Each node's weights by where they come from, by its number; "0" is the output."""
    nodes = {}
    for node in _list(model["nodes"])[: _MOST_NODES + 1]:
        weights = dict(node)
        number = _NODE.fullmatch(_word(weights.pop("name")))
        nodes[number[1] if number else ""] = weights
    if "0" not in nodes or "" in nodes or len(nodes) > _MOST_NODES:
        raise ValueError("its nodes are not numbered from 0, the output")
    return nodes


def _layers(nodes: dict[str, dict[str, object]], names: tuple[str, ...]) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """The layers from the output back to the inputs, turned around."""
    layers, layer = [], ["0"]
    while True:
        sources = set(nodes[layer[0]]) - {"Threshold"}
        back = [found[1] for one in sorted(sources) if (found := _NODE.fullmatch(one))]
        keys = [f"Node {one}" for one in back] or [f"Attrib {name}" for name in names]
        layers.append(_layer([nodes.pop(one) for one in layer], keys))
        if not back:
            break
        layer = back
    if nodes:
        raise ValueError("some of its nodes lead nowhere")
    return tuple(reversed(layers))


def _layer(nodes: list[dict[str, object]], keys: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Weights [I, O] from `keys` and thresholds [O] of the nodes of one layer."""
    if any(set(node) != {"Threshold", *keys} for node in nodes):
        raise ValueError("its layers are not joined each to each")
    thresholds = _numbers([node["Threshold"] for node in nodes], len(nodes))
    weights = [_numbers([node[key] for key in keys], len(keys)) for node in nodes]
    return np.array(weights).T, thresholds
