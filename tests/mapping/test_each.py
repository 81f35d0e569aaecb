"""Outputs with models of their own: fitted each as it asks, played within their limits, and whole again from a file."""

import numpy as np
import pytest

from livegan.errors import BadRequest
from livegan.frame import Feature
from livegan.mapping import fitted
from livegan.mapping.apart import fit_each
from livegan.mapping.each import Each
from livegan.mapping.examples import FILE, Examples
from livegan.mapping.fit import fit, fitted_to, taught_in
from livegan.mapping.mapping import Mapping, MappingSettings, read_settings, write_settings
from livegan.mapping.outputs import OutputSettings
from livegan.mapping.taught import Taught

FEATURES = [Feature("body.x", unit=0.2), Feature("body.turn", kind="angle"), Feature("hand", unit=0.1)]
NAMES = [feature.name for feature in FEATURES]


def rows_of(count=90, seed=0):
    draw = np.random.default_rng(seed)
    return draw.uniform([-1, -3, 0], [1, 3, 1], size=(count, 3)).astype(np.float32)


def wanted_of(rows):
    """glow, side (1 or 2), turned."""
    return np.stack([rows[:, 0] ** 2, 1 + (rows[:, 2] > 0.5), np.sin(rows[:, 1])], axis=1)


def teach(folder, wanted=wanted_of, outputs=("glow", "side", "turned"), rounds=3, **table):
    table = {name: OutputSettings.model_validate(one) for name, one in table.items()}
    write_settings(folder, MappingSettings(features=NAMES, outputs=list(outputs), output=table))
    rows = rows_of()
    with Examples.open(folder / FILE, FEATURES) as examples:
        for part in np.array_split(rows, rounds):
            examples.add(examples.begin_round(), part, wanted(part))
    return folder


SIDE = {"type": "class", "classes": 2, "params": {"k": 3}}


def missed(mapping, place):
    rows = rows_of(40, seed=1)
    given = np.array([mapping(row)[place] for row in rows])
    return given - wanted_of(rows)[:, place]


def test_each_output_is_fitted_as_it_asks(tmp_path):
    folder = teach(tmp_path / "a", side=SIDE | {"probabilities": True}, turned={"model": "net"})
    report = fit(folder)
    mapping = Mapping.load(folder)
    assert (report.model, report.outputs) == ("each", ("glow", "side", "turned"))
    assert [part.kind for part in mapping.model.parts] == ["rbf", "knn", "net"]
    assert np.abs(missed(mapping, 0)).mean() < 0.1
    assert (missed(mapping, 1) == 0).mean() > 0.8
    assert np.abs(missed(mapping, 2)).mean() < 0.2
    shares = mapping.probabilities(np.float32([0, 0, 0.9]))
    assert list(shares) == ["side"]
    assert shares["side"].dtype == np.float32
    assert shares["side"].argmax() == 2
    assert mapping.model.size == 3


def test_how_much_a_round_is_missed_that_was_not_taught_is_told_for_each(tmp_path):
    report = fit(teach(tmp_path / "a", side=SIDE))
    assert set(report.errors) == {"glow", "side", "turned"}
    assert 0 < report.errors["glow"] < 0.5
    assert 0 < report.errors["side"] < 0.3
    assert report.held_out == pytest.approx(np.mean(list(report.errors.values())))
    assert fit(teach(tmp_path / "b", rounds=1, side=SIDE)).errors == {}


def noise(rows):
    return np.random.default_rng(int(1e6 * rows[0, 0]) % 1000).normal(size=(len(rows), 1))


def test_what_cannot_be_learnt_is_missed_by_all_of_its_spread(tmp_path):
    report = fit(teach(tmp_path / "a", noise, ["luck"], luck={"model": "knn"}))
    assert report.errors["luck"] > 0.8
    assert report.error < 0.1


@pytest.mark.parametrize(("rounds", "known"), [([1, 2, 3], 0), ([1, 2, 3, 1, 2], 4), ([1, 2, 3] * 2, 4), ([1, 1], 2)])
@pytest.mark.parametrize("kind", ["knn", "tree", "bayes"])
def test_only_rounds_whose_classes_are_in_another_one_too_are_left_out(tmp_path, kind, rounds, known):
    table = {"scene": OutputSettings(type="class", classes=3, model=kind)}
    write_settings(tmp_path / "a", MappingSettings(features=NAMES, outputs=["scene"], output=table))
    shake = np.random.default_rng(0).normal(size=(20, 3)) * 0.01
    with Examples.open(tmp_path / "a" / FILE, FEATURES) as examples:
        for number in rounds:
            examples.add(examples.begin_round(), shake + np.float32([number, 0, 0]), [number])
    told = []
    report = fitted_to(*taught_in(tmp_path / "a"), "a", progress=told.append)[1]
    assert report.errors == ({"scene": 0} if known else {})
    assert report.untold == (() if known else ("scene",))
    # One step for the beginning, the fit, each round that was left out, and the end.
    assert len(told) == known + 3


def test_without_tables_everything_stays_one_ridge_and_asked_for_it_is_each(tmp_path):
    folder = teach(tmp_path / "a")
    assert fit(folder).model == "ridge"
    write_settings(folder, read_settings(folder).model_copy(update={"model": "each"}))
    assert fit(folder).model == "each"
    assert Mapping.load(folder).model.trained == {"glow", "side", "turned"}


@pytest.mark.parametrize(
    ("told", "model", "said"),
    [
        ({"model": "each"}, "ridge", 'asks for "each"'),
        ({"output": {"glow": OutputSettings()}}, "ridge", 'asks for "each"'),
        ({"output": {"glow": OutputSettings()}}, "rbf", 'asks for "each"'),
        ({"model": "ridge"}, "each", 'asks for "ridge"'),
        ({}, "each", "does not ask for it"),
    ],
)
def test_a_model_that_the_mapping_would_refuse_is_not_fitted(tmp_path, told, model, said):
    folder = teach(tmp_path / "a")
    write_settings(folder, read_settings(folder).model_copy(update=told))
    fit(folder)
    before = (folder / fitted.FILE).read_bytes()
    with pytest.raises(BadRequest, match=f'by "{model}", its mapping.toml {said}: fit it without'):
        fit(folder, model=model)
    assert (folder / fitted.FILE).read_bytes() == before
    assert Mapping.load(folder)(rows_of()[0]).shape == (3,)


@pytest.mark.parametrize(("told", "model"), [({"model": "each"}, "each"), ({}, "ridge"), ({"model": "ridge"}, "ridge")])
def test_a_model_that_the_mapping_allows_is_fitted_and_plays(tmp_path, told, model):
    folder = teach(tmp_path / "a")
    write_settings(folder, read_settings(folder).model_copy(update=told))
    assert fit(folder, model=model).model == model
    assert Mapping.load(folder)(rows_of()[0]).shape == (3,)


@pytest.mark.parametrize("model", ["each", "ridge"])
def test_an_output_that_is_added_waits_to_be_taught_and_the_others_play_on(tmp_path, model):
    folder = teach(tmp_path / "a")
    names = ["glow", "side", "turned", "late"]
    write_settings(folder, MappingSettings(features=NAMES, outputs=names, model=model))
    assert fit(folder).warnings == ("no example asks for late: it keeps its default until one does",)
    row = rows_of()[0]
    before = Mapping.load(folder)(row)
    assert before[3] == 0
    assert before[0] == pytest.approx(wanted_of(row[None])[0, 0], abs=0.1)
    with Examples.open(folder / FILE) as examples:
        examples.add(examples.begin_round(), rows_of(5, 7), np.full((5, 4), 0.75))
    assert fit(folder).warnings == ()
    assert Mapping.load(folder)(rows_of(5, 7)[0])[3] == pytest.approx(0.75, abs=0.05)
    write_settings(folder, MappingSettings(features=NAMES, outputs=names[:3], model=model))
    with pytest.raises(BadRequest, match="an example of 4 numbers for 3 outputs"):
        fit(folder)


def test_outputs_of_the_same_kind_and_examples_share_a_model(tmp_path):
    def partly(rows):
        wanted = np.concatenate((wanted_of(rows), rows), axis=1)
        wanted[::2, 3] = np.nan
        return wanted

    names = ["glow", "side", "turned", "a", "b", "c"]
    table = {"side": SIDE, "b": {"features": ["hand"]}, "c": {"model": "linear"}}
    folder = teach(tmp_path / "a", partly, names, **table)
    fit(folder)
    parts = Mapping.load(folder).model.parts
    assert [part.outputs for part in parts] == [(0, 2), (1,), (3,), (4,), (5,)]
    assert parts[3].features == (2,)


@pytest.mark.parametrize("kind", ["rbf", "linear", "net"])
def test_an_output_listens_to_its_own_features_only(tmp_path, kind):
    table = {"turned": {"features": ["body.turn"], "model": kind}}
    folder = teach(tmp_path / "a", lambda rows: np.sin(rows[:, 1:2]), ["turned"], **table)
    fit(folder)
    mapping = Mapping.load(folder)
    there = [np.float32([x, 1, hand]) for x in (-1, 1) for hand in (0, 1)]
    assert len({float(mapping(row)[0]) for row in there}) == 1
    # Points have a cosine and a sine for an angle; as plain values the model sees one number.
    assert mapping.model.parts[0].runs.inputs == (1 if kind == "linear" else 2)


@pytest.mark.parametrize(
    ("settings", "given"),
    [
        ({}, [-2.6, -0.4, 0.6, 1.6, 3.1]),
        ({"limits": "soft"}, [-2.6, -0.4, 0.6, 1.6, 3.1]),
        ({"limits": "hard"}, [0, 0, 0.6, 1, 1]),
        ({"limits": "hard", "min": -2, "max": 2}, [-2, -0.4, 0.6, 1.6, 2]),
        ({"integer": "round"}, [-3, 0, 1, 2, 3]),
        ({"integer": "truncate"}, [-2, 0, 0, 1, 3]),
        ({"integer": "round", "limits": "hard", "max": 2.4}, [0, 0, 1, 2, 2]),
    ],
)
def test_limits_and_whole_numbers(settings, given):
    rows = np.float32([-2.6, -0.4, 0.6, 1.6, 3.1])[:, None]
    taught = Taught((Feature("x"),), (), rows, np.full(5, -1), (), np.arange(5), "")
    table = {"a": OutputSettings(model="linear", **settings)}
    model = fit_each(taught, rows, table).model
    found = [float(model.predict(row)[0]) for row in rows]
    assert [str(round(one, 5)) for one in found] == [str(float(one)) for one in given]


def test_limits_may_change_without_fitting_again_and_the_model_may_not(tmp_path):
    folder = teach(tmp_path / "a", turned={"model": "linear"})
    fit(folder)
    far = np.float32([9, 9, 9])
    before = Mapping.load(folder)(far)
    settings = read_settings(folder)
    table = settings.output | {"turned": OutputSettings(model="linear", limits="hard", max=0.5)}
    write_settings(folder, settings.model_copy(update={"output": table}))
    assert 0 <= Mapping.load(folder)(far)[2] <= 0.5 != before[2]
    for other in ({"model": "net"}, {"model": "linear", "params": {"exponent": 2}}, {"type": "class", "classes": 2}):
        table = settings.output | {"turned": OutputSettings.model_validate(other)}
        write_settings(folder, settings.model_copy(update={"output": table}))
        with pytest.raises(BadRequest, match=r'another model of "turned" .* run livegan fit a'):
            Mapping.load(folder)


def test_an_output_never_asked_for_gives_its_default(tmp_path):
    def sparse(rows):
        return np.stack([rows[:, 0], *[np.full(len(rows), np.nan)] * 2], axis=1)

    table = {"side": SIDE | {"probabilities": True}, "turned": {"min": 0.25}}
    folder = teach(tmp_path / "a", sparse, **table)
    report = fit(folder)
    assert "side, turned" in report.warnings[0]
    mapping = Mapping.load(folder)
    assert mapping.model.trained == {"glow"}
    assert mapping(rows_of()[0]).tolist()[1:] == [1, 0.25]
    assert mapping.probabilities(rows_of()[0])["side"].tolist() == [0, 1, 0]


def test_what_is_not_to_be_trained_plays_on_as_it_was(tmp_path):
    table = {"glow": {"model": "linear"}, "turned": {"model": "linear"}}
    folder = teach(tmp_path / "a", side=SIDE, **table)
    fit(folder)
    row = rows_of()[3]
    before = Mapping.load(folder)(row)
    with Examples.open(folder / FILE) as examples:
        examples.add(
            examples.begin_round(), rows_of(30, 5), 5 * wanted_of(rows_of(30, 5))[:, [0, 0, 2]] * [1, 0, 1] + 1
        )
    settings = read_settings(folder)
    kept = settings.output | {"turned": OutputSettings(model="linear", train=False)}
    write_settings(folder, settings.model_copy(update={"output": kept}))
    for _ in range(2):
        fit(folder)
        after = Mapping.load(folder)(row)
        assert after[2] == before[2]
        assert after[0] != before[0]
        assert sorted(place for part in Mapping.load(folder).model.parts for place in part.outputs) == [-1, 0, 1, 2]
    # With nothing to go on from it is as one that was never trained.
    (folder / fitted.FILE).unlink()
    fit(folder)
    assert Mapping.load(folder)(row)[2] == 0


def test_gestures_shown_once_are_not_said_to_be_missed(tmp_path):
    folder = tmp_path / "a"
    table = {"move": OutputSettings(type="gesture", classes=3, params={"every": 1})}
    write_settings(folder, MappingSettings(features=NAMES, outputs=["move"], output=table))
    with Examples.open(folder / FILE, FEATURES) as examples:
        for number in (1, 2, 3):
            examples.add(examples.begin_round(), np.linspace(0, number, 12)[:, None] * [1, 0, 0], [number])
    report = fit(folder)
    assert (report.errors, report.held_out, report.untold) == ({}, None, ("move",))


def test_gestures_are_followed_row_by_row(tmp_path):
    folder = tmp_path / "a"
    table = {"move": OutputSettings(type="gesture", classes=2, params={"threshold": 2.0, "every": 1})}
    write_settings(folder, MappingSettings(features=NAMES, outputs=["move"], output=table))
    way = np.linspace(0, 3, 12, dtype=np.float32)[:, None]
    moves = {1: way * np.float32([1, 0, 0]), 2: way * np.float32([0, 0, 1])}
    with Examples.open(folder / FILE, FEATURES) as examples:
        for number, rows in [*moves.items()] * 2:
            examples.add(examples.begin_round(), rows, [number])
    report = fit(folder)
    assert (report.errors, report.untold) == ({"move": 0}, ())
    mapping = Mapping.load(folder)
    for number in (1, 2, 1):
        for row in moves[number]:
            played = mapping.model.play(row)
        assert played.outputs.tolist() == [number]
        assert played.heard["move"].distances.argmin() == number - 1
        assert played.heard["move"].phase == pytest.approx(1, abs=0.1)
    assert mapping(np.float32([-9, 0, -9])).tolist() == [0]


@pytest.mark.parametrize("row", [[np.nan] * 3, [np.inf, -np.inf, np.nan], [3e38, -3e38, 1e-38]])
def test_nothing_that_is_not_finite_comes_out(tmp_path, row):
    folder = teach(tmp_path / "a", side=SIDE, glow={"model": "linear"}, turned={"model": "weknet"})
    fit(folder)
    assert np.isfinite(Mapping.load(folder)(np.float32(row))).all()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"glow": {"model": "forrest"}}, 'did you mean "forest"'),
        ({"glow": {"model": "tree"}}, 'output "glow" is a number, which "tree" is not for'),
        ({"glow": {"params": {"hidden": 3}}}, 'params of its model "rbf": hidden'),
        ({"side": {"type": "class", "classes": 1}}, 'output "side" is a class of 1: an example asks for 2'),
    ],
)
def test_what_cannot_be_fitted_is_one_sentence(tmp_path, settings, said):
    with pytest.raises(BadRequest, match=said):
        fit(teach(tmp_path / "a", **settings))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"outputs": ["a"], "output": {"b": {}}}, 'output."b"'),
        ({"output": {"a": {}}}, "not among the outputs"),
        ({"outputs": "w", "model": "each"}, "needs names"),
        ({"outputs": ["a"], "output": {"a": {"features": ["foot"]}}}, '"foot", which is not among'),
    ],
)
def test_a_table_that_belongs_to_nothing_is_one_sentence(tmp_path, settings, said):
    (tmp_path / "a").mkdir()
    with pytest.raises(ValueError, match=said):
        MappingSettings.model_validate({"features": NAMES} | settings)


def test_names_of_any_kind_and_all_settings_survive_the_file(tmp_path):
    names = ["größe", 'a "b"', "x.y", "[z]", "plain"]
    told = OutputSettings(
        type="class", classes=4, model="knn", params={"k": 2, "weighted": True}, features=["hand"], probabilities=True
    )
    settings = MappingSettings(features=NAMES, outputs=names, output=dict.fromkeys(names, told))
    write_settings(tmp_path / "a", settings)
    assert read_settings(tmp_path / "a") == settings


def test_the_file_holds_all_and_any_other_byte_is_one_sentence(tmp_path):
    folder = teach(tmp_path / "a", side=SIDE, turned={"model": "linear"}, rounds=1)
    fit(folder)
    path = folder / fitted.FILE
    whole, mapping = path.read_bytes(), Mapping.load(folder)
    again = fitted.unpacked(whole, path)
    assert fitted.packed(again) == whole
    draw = np.random.default_rng(0)
    places = {*range(0, 4096, 7), *draw.integers(len(whole), size=300).tolist()}
    damages = [whole[:place] for place in places] + [flipped(whole, place) for place in places]
    for damaged in damages:
        told = sentence(damaged, path, whole)
        assert told
        assert "\n" not in told
    assert mapping(rows_of()[0]).shape == (3,)


def sentence(data, path, whole):
    """What is said of a damaged file, which may be whole in all that matters."""
    try:
        return "" if fitted.packed(fitted.unpacked(data, path)) != whole else "the same"
    except BadRequest as error:
        return str(error)


def flipped(data, place):
    return data[:place] + bytes([data[place % len(data)] ^ 0x55]) + data[place + 1 :]


@pytest.mark.parametrize(
    "change",
    [
        lambda words: words["parts"][0].update(kind="os"),
        lambda words: words["parts"][0].update(kind="tree"),
        lambda words: words["parts"][0].update(outputs=[1]),
        lambda words: words["parts"][0].update(outputs=[0]),
        lambda words: words["parts"][0].update(outputs=[7, 8]),
        lambda words: words["parts"][0].update(outputs=[]),
        lambda words: words["parts"][0].update(features=[0, 1]),
        lambda words: words["parts"][0].update(features=[0, 1, 9]),
        lambda words: words["parts"][0].update(features=[]),
        lambda words: words["parts"][0].update(settings={}),
        lambda words: words.update(table={}),
        lambda words: words.update(parts=[*words["parts"], words["parts"][0]]),
    ],
)
def test_parts_that_do_not_belong_together_are_refused(tmp_path, change):
    """Also when the file was made so, with its check sum right."""
    folder = teach(tmp_path / "a", side=SIDE)
    fit(folder)
    path = folder / fitted.FILE
    whole = fitted.read(folder)
    words = whole.model.words()
    change(words)

    class Other(Each):
        def words(self):
            return words

    model = Other(whole.model.centres, whole.model.table, whole.model.parts)
    with pytest.raises(BadRequest, match="is damaged"):
        fitted.unpacked(fitted.packed(fitted.Fitted(**(vars(whole) | {"model": model}))), path)
