"""Decision trees for classes as C4.5 grows and prunes them (Quinlan 1993), with the choices of Weka's J48.

Examples have weights. Deterministic; nothing here plays.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Self

import numpy as np

from livegan.mapping.trees import Trees

_LEAST, _CONFIDENCE = 2, 0.25
_SLIGHTLY = 1e-6


@dataclass
class Node:
    """A leaf, or a split with two nodes below it. counts: float64 [C], the weight of each class that came here."""

    rows: np.ndarray
    counts: np.ndarray
    feature: int = -1
    threshold: float = 0.0
    below: list[Self] = field(default_factory=list)

    def cut(self) -> None:
        """Make it a leaf."""
        self.feature, self.below = -1, []


@dataclass(frozen=True)
class Examples:
    """Rows x float64 [N, F], classes y int [N] of so many, weights [N]."""

    x: np.ndarray
    y: np.ndarray
    weights: np.ndarray
    classes: int

    def counts(self, rows: np.ndarray) -> np.ndarray:
        """The weight of each class among some rows."""
        return np.bincount(self.y[rows], self.weights[rows], self.classes)


def grown(examples: Examples) -> Node:
    """A pruned tree."""
    root = _grown(examples, np.arange(len(examples.x)))
    _collapse(root)
    _prune(examples, root)
    return root


def stump(examples: Examples) -> Node:
    """A single split, the one that leaves the least uncertainty."""
    rows = np.arange(len(examples.x))
    root = Node(rows, examples.counts(rows))
    found = [(*best, feature) for feature, best in _splits(examples, rows, 0.0)]
    if found:
        _, _, threshold, feature = max(found, key=lambda one: one[0])
        _split(examples, root, feature, threshold)
        root.below = [Node(part, examples.counts(part)) for part in _parted(examples, root)]
    return root


def as_trees(root: Node, features: int) -> Trees:
    """The tree at work; a leaf gives the share of each class."""
    nodes = list(_walk(root))
    at = {id(node): index for index, node in enumerate(nodes)}
    ways = np.array([[at[id(one)] for one in node.below] or [index] * 2 for index, node in enumerate(nodes)])
    sums = np.array([node.counts for node in nodes])
    shares = sums / np.maximum(sums.sum(axis=1, keepdims=True), 1e-12)
    feature = np.array([node.feature for node in nodes])
    threshold = np.array([node.threshold for node in nodes])
    return Trees(np.zeros(1, int), feature, threshold, ways[:, 0], ways[:, 1], shares, features)


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for one in node.below:
        yield from _walk(one)


def _grown(examples: Examples, rows: np.ndarray) -> Node:
    node = Node(rows, examples.counts(rows))
    total = node.counts.sum()
    if total < 2 * _LEAST or node.counts.max() >= total - _SLIGHTLY:
        return node
    least = min(max(0.1 * total / examples.classes, _LEAST), 25)
    found = list(_splits(examples, rows, least))
    enough = np.mean([gain for _, (gain, _, _) in found]) - 1e-3 if found else 0.0
    best = 0.0
    for feature, (gain, ratio, threshold) in found:
        if gain >= enough and ratio > best + _SLIGHTLY:
            best = ratio
            _split(examples, node, feature, threshold)
    if node.feature >= 0:
        node.below = [_grown(examples, part) for part in _parted(examples, node)]
    return node


def _split(examples: Examples, node: Node, feature: int, threshold: float) -> None:
    node.feature, node.threshold = feature, threshold


def _parted(examples: Examples, node: Node) -> tuple[np.ndarray, np.ndarray]:
    up_to = examples.x[node.rows, node.feature] <= node.threshold
    return node.rows[up_to], node.rows[~up_to]


def _splits(examples: Examples, rows: np.ndarray, least: float) -> Iterator[tuple[int, tuple[float, float, float]]]:
    """For each feature that can split these rows: what is gained, over the cost of telling it, and up to where.

    least: the weight that each side has at least; with 0, a stump's, the gain is not corrected for the many places.
    """
    weights = np.eye(examples.classes)[examples.y[rows]] * examples.weights[rows, None]
    total = weights.sum()
    here = _uncertainty(weights.sum(axis=0))
    for feature in range(examples.x.shape[1]):
        values = examples.x[rows, feature]
        order = np.argsort(values, kind="stable")
        values = values[order]
        places = np.flatnonzero(values[:-1] + 1e-5 < values[1:])
        low = np.cumsum(weights[order], axis=0)[places]
        high = weights.sum(axis=0) - low
        sides = np.stack((low.sum(axis=1), high.sum(axis=1)), axis=1)
        fits = sides.min(axis=1, initial=np.inf) >= least - _SLIGHTLY
        if not fits.any():
            continue
        gains = (here - _uncertainty(low[fits]) - _uncertainty(high[fits])) / total
        best = int(gains.argmax())
        gain = float(gains[best]) - (np.log2(fits.sum()) / total if least else 0)
        if gain > _SLIGHTLY:
            place = places[fits][best]
            cost = _uncertainty(sides[fits][best]) / total
            yield feature, (gain, gain / cost, _between(examples.x[:, feature], values[place : place + 2], least))


def _between(column: np.ndarray, ends: np.ndarray, least: float) -> float:
    """Where to split: the middle; C4.5 takes the largest value up to it that there is at all."""
    middle = float(ends.mean()) if ends.mean() < ends[1] else float(ends[0])
    return float(column[column <= middle].max()) if least else middle


def _uncertainty(counts: np.ndarray) -> np.ndarray:
    """Entropy in bits, times the sum, of counts [..., C]."""
    total = counts.sum(axis=-1)
    logs = np.log2(counts, where=counts > 0, out=np.zeros_like(counts))
    return total * np.log2(np.maximum(total, 1e-300)) - (counts * logs).sum(axis=-1)


def _wrong(counts: np.ndarray) -> float:
    return float(counts.sum() - counts.max())


def _collapse(node: Node) -> None:
    """Cut what makes no fewer mistakes than a leaf."""
    if not node.below:
        return
    if sum(_wrong(leaf.counts) for leaf in _walk(node) if not leaf.below) >= _wrong(node.counts) - 1e-3:
        node.cut()
    for one in node.below:
        _collapse(one)


def _prune(examples: Examples, node: Node) -> None:
    """Cut what will probably make as many mistakes as a leaf, or as its larger branch alone."""
    if not node.below:
        return
    for one in node.below:
        _prune(examples, one)
    larger = node.below[int(node.below[1].counts.sum() > node.below[0].counts.sum())]
    leaf, tree = _expected(node.counts), _expected_of(node)
    branch = _expected_for(examples, larger, node.rows)
    if leaf <= tree + 0.1 + _SLIGHTLY and leaf <= branch + 0.1 + _SLIGHTLY:
        node.cut()
    elif branch <= tree + 0.1 + _SLIGHTLY:
        rows = node.rows
        node.feature, node.threshold, node.below = larger.feature, larger.threshold, larger.below
        _refill(examples, node, rows)
        _prune(examples, node)


def _refill(examples: Examples, node: Node, rows: np.ndarray) -> None:
    node.rows, node.counts = rows, examples.counts(rows)
    if node.below:
        for one, part in zip(node.below, _parted(examples, node), strict=True):
            _refill(examples, one, part)


def _expected_of(node: Node) -> float:
    return sum(_expected_of(one) for one in node.below) if node.below else _expected(node.counts)


def _expected_for(examples: Examples, node: Node, rows: np.ndarray) -> float:
    """What a branch would get wrong of other rows."""
    if not node.below:
        return _expected(examples.counts(rows))
    up_to = examples.x[rows, node.feature] <= node.threshold
    parts = rows[up_to], rows[~up_to]
    return sum(_expected_for(examples, one, part) for one, part in zip(node.below, parts, strict=True))


def _expected(counts: np.ndarray) -> float:
    """The mistakes of a leaf, with those that are to be feared (the upper end of the confidence interval)."""
    total, wrong = float(counts.sum()), _wrong(counts)
    return wrong + _feared(total, wrong) if total > 0 else 0.0


def _feared(total: float, wrong: float) -> float:
    if wrong < 1:
        least = total * (1 - _CONFIDENCE ** (1 / total))
        return least if wrong == 0 else least + wrong * (_feared(total, 1.0) - least)
    if wrong + 0.5 >= total:
        return max(total - wrong, 0.0)
    z = NormalDist().inv_cdf(1 - _CONFIDENCE)
    share = (wrong + 0.5) / total
    root = np.sqrt(share / total - share**2 / total + z**2 / (4 * total**2))
    return float((share + z**2 / (2 * total) + z * root) / (1 + z**2 / total) * total - wrong)
