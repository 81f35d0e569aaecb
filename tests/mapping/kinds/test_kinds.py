"""Every kind of model, found by its file: what it was taught it gives, the same after a file, and damage is refused."""

from itertools import combinations

import numpy as np
import pytest
from pydantic import ValidationError

from livegan.errors import BadRequest
from livegan.mapping import kinds

NUMBERS = [name for name in kinds.names() if "number" in kinds.named(name).TYPES]
CLASSES = [name for name in kinds.names() if "class" in kinds.named(name).TYPES]
KINDS = [(name, kind) for name in kinds.names() for kind in kinds.named(name).TYPES]


def taught(type_, outputs=1, rows=60):
    """Rows [N, 3], and a smooth number of them, or which of three corners each is in; or whole gestures."""
    draw = np.random.default_rng(4)
    if type_ == "class":
        owner = np.arange(rows) % 3 + 1
        return np.eye(4)[owner][:, 1:] * 4 + draw.normal(size=(rows, 3)) * 0.4, owner[:, None].astype(float)
    if type_ == "gesture":
        way = np.linspace(0, 1, 20)[:, None]
        series = [way * np.array([sign, 1 - sign, 0.5]) * 8 + draw.normal(size=(20, 3)) * 0.05 for sign in (0, 1, 0, 1)]
        return series, np.array([1.0, 2, 1, 2])
    x = draw.uniform(-1, 1, size=(rows, 3))
    y = np.stack([np.sin(x[:, 0] + 0.5 * place) + 0.3 * x[:, 1] for place in range(outputs)], axis=1)
    return x, y


def fitted(name, type_, outputs=1, **params):
    x, y = taught(type_, outputs)
    settings = kinds.settings_of("a", name, type_, params)
    classes = {"number": 0, "class": 4, "gesture": 2}[type_]
    return kinds.named(name).fit(x, y, settings, classes), x, y


def rows_of(x):
    return np.concatenate(list(x)) if isinstance(x, list) else x


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_are_given_as_they_were_taught(name):
    runs, x, y = fitted(name, "number", 2 if kinds.named(name).TOGETHER else 1)
    given = np.array([runs.predict(row) for row in x])
    assert (runs.inputs, runs.size, given.shape) == (3, y.shape[1], y.shape)
    assert np.sqrt(((given - y) ** 2).mean(axis=0)).max() < 0.15 * y.std()


@pytest.mark.parametrize("name", CLASSES)
def test_classes_are_told_apart_with_probabilities(name):
    runs, x, y = fitted(name, "class")
    for row, wanted in zip(x, y, strict=True):
        shares = runs.predict(row)
        assert shares.shape == (5,)
        assert shares.sum() == pytest.approx(1)
        assert shares.min() >= 0
        assert shares.argmax() == wanted[0]
    # Neither none nor the fourth class was ever taught.
    assert runs.predict(x[0])[[0, 4]].max() < 0.1


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("alone", [0, 2])
def test_a_single_class_that_was_taught_is_the_one(name, alone):
    x, _ = taught("class")
    settings = kinds.settings_of("a", name, "class", {})
    runs = kinds.named(name).fit(x, np.full((len(x), 1), float(alone)), settings, 3)
    assert runs.predict(x[0]).argmax() == alone


@pytest.mark.parametrize(("name", "type_"), KINDS)
def test_it_never_gives_what_is_not_finite(name, type_):
    runs, *_ = fitted(name, type_)
    with np.errstate(all="raise", under="ignore"):
        for far in (0, 1e15, -1e15, 1e-30):
            assert np.isfinite(runs.predict(np.full(3, float(far)))).all()


@pytest.mark.parametrize("name", NUMBERS + CLASSES)
def test_one_example_is_enough(name):
    for type_ in kinds.named(name).TYPES:
        x, y = taught(type_, rows=1)
        runs = kinds.named(name).fit(x, y, kinds.settings_of("a", name, type_, {}), 3 if type_ == "class" else 0)
        given = runs.predict(x[0])
        assert given.argmax() == y[0, 0] if type_ == "class" else given[0] == pytest.approx(y[0, 0], abs=1e-3)


@pytest.mark.parametrize(("name", "type_"), KINDS)
def test_the_same_examples_give_the_same_model(name, type_):
    first, again = fitted(name, type_)[0], fitted(name, type_)[0]
    assert first.settings() == again.settings()
    for part, array in first.arrays().items():
        np.testing.assert_array_equal(array, again.arrays()[part])


@pytest.mark.parametrize(("name", "type_"), KINDS)
def test_its_parts_make_the_same_model_again(name, type_):
    runs, x, _ = fitted(name, type_)
    again = kinds.named(name).Runs.from_parts(runs.arrays(), runs.settings())
    assert again.settings() == runs.settings()
    assert (again.inputs, again.size) == (runs.inputs, runs.size)
    for row in rows_of(x):
        np.testing.assert_array_equal(again.predict(row), runs.predict(row))


@pytest.mark.parametrize(("name", "type_"), KINDS)
def test_damaged_parts_are_refused_in_a_few_words(name, type_):
    runs, *_ = fitted(name, type_)
    whole, numbers = runs.arrays(), runs.settings()
    made = kinds.named(name).Runs.from_parts
    for part, array in whole.items():
        for damaged in (array.astype(np.int32), array * np.nan, array[None], array[:0]):
            with pytest.raises(ValueError, match=r"\w"):
                made(whole | {part: damaged}, numbers)
    for part in set(whole) - {"targets", "layer.1"}:
        with pytest.raises(ValueError, match=r"\w"):
            made({name: array for name, array in whole.items() if name != part}, numbers)
    with pytest.raises(ValueError, match="extra"):
        made(whole | {"extra": np.ones(3)}, numbers)


def test_an_unknown_kind_or_param_is_one_sentence():
    with pytest.raises(BadRequest, match='did you mean "forest"'):
        kinds.named("forrest")
    with pytest.raises(BadRequest, match=r'"tree" is not for: take one of .*linear'):
        kinds.settings_of("glow", "tree", "number", {})
    with pytest.raises(BadRequest, match=r'output "glow", params of its model "knn": k:'):
        kinds.settings_of("glow", "knn", "class", {"k": 0})
    with pytest.raises(BadRequest, match="depht"):
        kinds.settings_of("glow", "tree", "class", {"depht": 1})


@pytest.mark.parametrize("name", kinds.names())
def test_params_are_strict(name):
    with pytest.raises(ValidationError):
        kinds.named(name).Settings.model_validate({"nonsense": 1})


@pytest.mark.parametrize("kernel", ["linear", "rbf", "poly"])
@pytest.mark.parametrize("classes", [2, 3, 5])
def test_support_vectors_vote_as_in_scikit_learn(kernel, classes):
    from sklearn.svm import SVC

    draw = np.random.default_rng(classes)
    x, y = draw.uniform(size=(80, 2)), draw.integers(1, classes + 1, size=80).astype(float)
    svm = kinds.named("svm")
    runs = svm.fit(x, y[:, None], svm.Settings(kernel=kernel, gamma=2.0, lower=True), classes)
    scaled = runs.ranges.scaled(x)
    known = SVC(
        kernel=kernel, gamma=2.0 if kernel == "rbf" else 1.0, degree=2, coef0=1.0, decision_function_shape="ovo"
    )
    known.fit(scaled, y)
    decided = known.decision_function(scaled).reshape(80, -1)
    for row, point, wanted in zip(decided, x, known.predict(scaled), strict=True):
        own = runs.offsets + runs._kernel(runs.ranges.scaled(point)) @ runs.weights
        np.testing.assert_allclose(own, row if classes > 2 else -row, atol=1e-9)
        votes = runs.predict(point)
        assert votes[int(wanted)] == votes.max()
    assert len(list(combinations(range(classes), 2))) == len(runs.offsets)


@pytest.mark.parametrize("name", ["net", "gp", "forest", "linear", "rbf", "weknet"])
def test_outputs_fitted_together_are_those_fitted_alone(name):
    x, y = taught("number", 2)
    kind = kinds.named(name)
    both = kind.fit(x, y, kind.Settings(), 0)
    alone = kind.fit(x, y[:, :1], kind.Settings(), 0)
    assert abs(both.predict(x[3])[0] - alone.predict(x[3])[0]) < 0.1
