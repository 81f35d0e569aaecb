"""How Wekinator says which kind of model an output has, and what that is here; both ways.

Only names and numbers are translated, nothing is fitted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from livegan.errors import BadRequest
from livegan.mapping.outputs import OutputSettings
from livegan.mapping.wekinator.config import Output, Tagged, kind_of, listed, output, output_parts, tagged
from livegan.mapping.wekinator.markup import Element, parsed

Params = dict[str, bool | int | float | str]

_PLACE = "wekimini.learning."
_KERNELS = {"LINEAR": "linear", "RBF": "rbf", "POLYNOMIAL": "poly"}
_BASES = {"DECISION_TREE": "tree", "DECISION_STUMP": "stump"}
_PARAMETERS = {
    "NeuralNet": ("numHiddenLayers", "hiddenLayerType", "numNodesPerHiddenLayer"),
    "LinearRegression": ("featureSelectionType", "exponent", "removeColinear"),
    "KNN": ("numNeighbors",),
    "SVM": ("kernelType", "polyExponent", "polyUseLowerOrder", "rbfGamma", "complexity"),
    "Adaboost": ("numRounds", "baseLearnerType"),
}


@dataclass(frozen=True)
class Path:
    """What a modelN.xml says of its output: the output, its kind of model with params, the inputs it is told of.

    state: of its model, "BUILT" when it was trained by the present examples. notes: what is not as it was there.
    """

    output: Output
    kind: str
    params: Params
    inputs: tuple[str, ...]
    state: str
    record: bool
    run: bool
    notes: tuple[str, ...]


def path(text: str) -> Path:
    """The Path that a modelN.xml begins with. Raises BadRequest, without the file's name."""
    root = parsed(text, "Path")
    told, builder = root.child("output"), root.child("modelBuilder")
    if told is None or builder is None:
        raise BadRequest("it has no <output>, or no <modelBuilder>")
    one = output(told.attributes.get("class", ""), told)
    kind, params, notes = _model(builder)
    return Path(
        output=one,
        kind=kind,
        params=params,
        inputs=tuple(root.words("inputNames")),
        state=root.word("modelState", ""),
        record=root.truth("recordEnabled", True),
        run=root.truth("runEnabled", True),
        notes=tuple(notes),
    )


def _model(builder: Element) -> tuple[str, Params, list[str]]:
    kind = builder.attributes.get("class", "").removeprefix(_PLACE).removesuffix("ModelBuilder")
    known = _READ.get(kind.lower())
    if known is None:
        raise BadRequest(f'the kind of model "{kind[:40]}" is not known')
    model, params, notes = known(builder)
    unknown = {one.name for one in builder.children} - set(_PARAMETERS.get(kind, ()))
    return model, params, notes + [f"<{one[:40]}> of its model is not known" for one in sorted(unknown)[:4]]


def _network(builder: Element) -> tuple[str, Params, list[str]]:
    own = builder.word("hiddenLayerType", "NUM_FEATURES") == "NUMBER"
    # 0: as many as the output has inputs.
    hidden = builder.whole("numNodesPerHiddenLayer", 1, 1000) if own else 0
    return "weknet", {"layers": builder.whole("numHiddenLayers", 0, 3, usual=1), "hidden": hidden, "exact": True}, []


def _linear(builder: Element) -> tuple[str, Params, list[str]]:
    select = builder.word("featureSelectionType", "NONE")
    notes = []
    if select != "NONE":
        notes.append(f"Wekinator chose among its inputs ({select[:40]}); here all of them are used")
    if builder.truth("removeColinear", False):
        notes.append("Wekinator left out inputs that tell the same; here all of them are used")
    return "linear", {"exponent": builder.whole("exponent", 1, 10, usual=1)}, notes


def _nearest(builder: Element) -> tuple[str, Params, list[str]]:
    return "knn", {"k": builder.whole("numNeighbors", 1, 10_000, usual=1), "smoothed": True}, []


def _boost(builder: Element) -> tuple[str, Params, list[str]]:
    base = builder.word("baseLearnerType", "DECISION_TREE")
    if base not in _BASES:
        raise BadRequest(f'the base learner "{base[:40]}" is not known')
    return "boost", {"rounds": builder.whole("numRounds", 1, 10_000, usual=100), "base": _BASES[base]}, []


def _vectors(builder: Element) -> tuple[str, Params, list[str]]:
    kernel = builder.word("kernelType", "POLYNOMIAL")
    if kernel not in _KERNELS:
        raise BadRequest(f'the kernel "{kernel[:40]}" is not known')
    params: Params = {"kernel": _KERNELS[kernel], "c": builder.number("complexity", 1.0)}
    if kernel == "POLYNOMIAL":
        params["degree"] = builder.whole("polyExponent", 1, 10, usual=2)
        params["lower"] = builder.truth("polyUseLowerOrder", False)
    elif kernel == "RBF":
        params["gamma"] = builder.number("rbfGamma", 0.01)
    return "svm", params, []


_READ: dict[str, Callable[[Element], tuple[str, Params, list[str]]]] = {
    "neuralnet": _network,
    "linearregression": _linear,
    "knn": _nearest,
    "adaboost": _boost,
    "svm": _vectors,
    "j48": lambda _: ("tree", {}, []),
    "decisionstump": lambda _: ("tree", {"depth": 1}, []),
    "naivebayes": lambda _: ("bayes", {}, []),
}


def path_text(one: Output, inputs: Sequence[str], examples: int) -> tuple[str, str]:
    """The Path of an output that Wekinator is to train, and a sentence when it has no such kind of model, or ""."""
    settings = one.settings
    write = _WRITTEN[settings.type].get(settings.kind)
    note = "" if write else f'Wekinator has no "{settings.kind}": "{one.name}" gets the model that is usual there'
    kind, parts = (write or _USUAL[settings.type])(settings.params)
    place = f'modelBuilder class="{_PLACE}{kind}ModelBuilder"'
    told = [
        tagged(place, *(tagged(key, value) for key, value in parts.items())),
        tagged(f'output class="{kind_of(one)}"', *output_parts(one)),
        listed('inputNames class="linked-list"', inputs),
        *_corrected(settings),
        tagged("modelState", "READY_FOR_BUILDING" if examples else "NOT_READY"),
        tagged("recordEnabled", str(settings.record).lower()),
        tagged("runEnabled", str(settings.run).lower()),
        tagged("numExamples", examples),
        tagged("trainingCompleted", "false"),
    ]
    return tagged("Path", *told), note


def _corrected(settings: OutputSettings) -> list[Tagged]:
    """How Wekinator holds a number within its limits."""
    whole, hard = settings.integer != "no", settings.limits == "hard"
    told = {"isRounding": whole, "hardLimits": hard, "min": settings.min, "max": settings.max}
    parts = [tagged(key, str(value).lower()) for key, value in told.items()]
    return [tagged("outputNeedsCorrection", str(whole or hard).lower()), tagged("outputCorrector", *parts)]


Written = tuple[str, dict[str, str | float]]


def _written_network(params: Params) -> Written:
    hidden = params.get("hidden", 0)
    own = {"hiddenLayerType": "NUMBER" if hidden else "NUM_FEATURES", "numNodesPerHiddenLayer": hidden}
    return "NeuralNet", {"numHiddenLayers": params.get("layers", 1)} | own


def _written_linear(params: Params) -> Written:
    told = {"featureSelectionType": "NONE", "exponent": params.get("exponent", 1), "removeColinear": "false"}
    return "LinearRegression", told


def _written_nearest(params: Params) -> Written:
    return "KNN", {"numNeighbors": params.get("k", 1)}


def _written_boost(params: Params) -> Written:
    base = "DECISION_STUMP" if params.get("base") == "stump" else "DECISION_TREE"
    return "Adaboost", {"numRounds": params.get("rounds", 100), "baseLearnerType": base}


def _written_vectors(params: Params) -> Written:
    kernel = {mine: theirs for theirs, mine in _KERNELS.items()}.get(str(params.get("kernel")), "POLYNOMIAL")
    return "SVM", {
        "kernelType": kernel,
        "polyExponent": params.get("degree", 2),
        "polyUseLowerOrder": str(params.get("lower", False)).lower(),
        "rbfGamma": params.get("gamma", 0.01),
        "complexity": params.get("c", 1.0),
    }


_WRITTEN: dict[str, dict[str, Callable[[Params], Written]]] = {
    "number": {"weknet": _written_network, "linear": _written_linear},
    "class": {
        "knn": _written_nearest,
        "boost": _written_boost,
        "svm": _written_vectors,
        "tree": lambda params: ("DecisionStump" if params.get("depth") == 1 else "J48", {}),
        "bayes": lambda _: ("NaiveBayes", {}),
    },
}
_USUAL = {"number": _written_network, "class": _written_nearest}
