"""What every input's table may hold: formulas, read and refused with the patch, before anything is opened."""

import pytest

from livegan import patch
from livegan.errors import BadRequest
from livegan.show import routes

BODY = """
[input.body]
kind = "steady"
features = {"left.x" = 1, "left.y" = 2, "right.x" = 3, "right.y" = 4}
[input.body.derived]
"""


def read(tmp_path, lines, before=BODY):
    path = tmp_path / "show.toml"
    path.write_text(before + lines)
    return patch.read(path)


def test_derived_features_are_the_inputs_own(tmp_path):
    plan = read(tmp_path, 'reach = "distance(left, right)"\nup = "above(left.y, 0.6, 0.4)"\n')
    assert routes.feature_names(plan)[-2:] == ["body.reach", "body.up"]
    one = plan.inputs["body"]
    assert one.type.Settings.model_validate_json(one.settings.model_dump_json()) == one.settings


def test_a_point_may_be_written_with_its_dots(tmp_path):
    plan = read(tmp_path, 'mid.x = "(left.x + right.x) / 2"\nmid.y = "left.y"\nfar = "distance(mid, right)"\n')
    assert routes.feature_names(plan)[-3:] == ["body.mid.x", "body.mid.y", "body.far"]


def test_dots_may_be_as_many_as_wanted(tmp_path):
    plan = read(tmp_path, 'left.palm.x = "left.x * 2"\nleft.palm.more.y = "left.y"\n')
    assert routes.feature_names(plan)[-2:] == ["body.left.palm.x", "body.left.palm.more.y"]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ('a = "speed(lft.x)"', 'derived.a: in "speed(lft.x)", character 7: there is no feature "lft.x"; did you mean'),
        ('a = "b + 1"\nb = "left.x"', 'derived.a: in "b + 1", character 1: "b" is derived only here or further down'),
        ("a = 3", "derived.a: found 3, but it should be a valid string"),
        ('left.x = "right.x"', "derived.left.x: the input has a feature of that name"),
        ("", "derived.a: this input gives no numbers"),
    ],
)
def test_a_wrong_formula_is_told_with_its_place(tmp_path, lines, says):
    camera = '[input.body]\nkind = "camera"\nsource = "clip:dancer.mp4"\nderived = {a = "x"}\n'
    with pytest.raises(BadRequest) as told:
        read(tmp_path, lines, BODY if lines else camera)
    assert str(told.value).startswith(f"show.toml, input.body.{says}")
    assert "\n" not in str(told.value)


def test_mappings_may_take_derived_features(tmp_path):
    plan = read(
        tmp_path, 'reach = "distance(left, right)"\n[mapping.far]\nfeatures = "body.reach"\noutputs = ["psi"]\n'
    )
    (mapping,) = routes.mappings(plan)
    assert mapping.features == ("body.reach",)
