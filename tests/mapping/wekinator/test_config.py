"""Which inputs and outputs a project has, both ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan.errors import BadRequest
from livegan.mapping.outputs import OutputSettings
from livegan.mapping.wekinator import config
from livegan.mapping.wekinator.config import Inputs, Output, Outputs
from tests.hostile.wekinator import COUNTS, XML
from tests.mapping.wekinator.projects import DTW, REGRESSION, Told, inputs_xml, outputs_xml


def test_the_configuration_of_a_real_project():
    inputs = config.inputs((REGRESSION / "inputConfig.xml").read_bytes())
    outputs = config.outputs((REGRESSION / "outputConfig.xml").read_bytes())
    assert inputs == Inputs("/wek/inputs", ("hand_x", "hand_y", "hand_z"))
    assert (outputs.address, outputs.host, outputs.port) == ("/wek/outputs", "localhost", 12000)
    assert outputs.outputs[2] == Output("morph", OutputSettings(limits="soft"))
    assert config.port((REGRESSION / "WekinatorProject.wekproj").read_bytes()) == 6448


def test_the_configuration_of_gestures():
    (one,) = config.outputs((DTW / "outputConfig.xml").read_bytes()).outputs
    messages = ("/output_1", "/output_2", "/output_3")
    assert one == Output("output", OutputSettings(type="gesture", classes=3), messages)


@pytest.mark.parametrize("text", ["inputConfig.xml", "outputConfig.xml", "WekinatorProject.wekproj"])
def test_what_is_written_for_a_real_project_says_the_same(text):
    told = (REGRESSION / text).read_bytes()
    if text == "inputConfig.xml":
        written = config.inputs_text(config.inputs(told))
    elif text == "outputConfig.xml":
        written = config.outputs_text(config.outputs(told))
    else:
        written = config.project_text("WekinatorProject", config.port(told))
    assert written.split() == told.decode().split()


def test_limits_whole_numbers_and_classes_are_taken_over():
    hard = Told("hard", "number", None, low="-2.0", high="1.0E1", whole="INTEGER", limits="HARD")
    told = Told("class", "class", None, classes=7, told="true")
    first, second = config.outputs(outputs_xml([hard, told]).encode()).outputs
    assert first.settings == OutputSettings(min=-2, max=10, limits="hard", integer="truncate")
    assert second.settings == OutputSettings(type="class", classes=7, probabilities=True)


@pytest.mark.parametrize("text", XML.values(), ids=XML.keys())
def test_hostile_documents_are_refused(text):
    for root, read in (("OSCInputGroup", config.inputs), ("OSCOutputGroup", config.outputs)):
        with pytest.raises(BadRequest):
            read(text.replace("{root}", root).encode())


@pytest.mark.parametrize("count", COUNTS)
def test_counts_that_cannot_be_are_refused(count):
    with pytest.raises(BadRequest):
        config.inputs(inputs_xml(["a"]).replace("<numInputs>1<", f"<numInputs>{count}<").encode())
    with pytest.raises(BadRequest):
        config.outputs(outputs_xml([Told("a", "class", None, classes=count)]).encode())


WRONG = {
    "names twice": ("<name>b<", "<name>a<"),
    "no name": ("<name>b<", "<name><"),
    "a control character in a name": ("<name>b<", "<name>b&#10;<"),
    "a range turned around": ("<min>0.0<", "<min>2.0<"),
    "a limit that is none": (">SOFT<", ">FIRM<"),
    "a type that is none": ("OSCNumericOutput", "OSCTextOutput"),
    "a port beyond all": (">12000<", ">70000<"),
}


@pytest.mark.parametrize(("old", "new"), WRONG.values(), ids=WRONG.keys())
def test_outputs_that_cannot_be_are_refused(old, new):
    text = outputs_xml([Told("a", "number", None), Told("b", "number", None)])
    assert config.outputs(text.encode())
    with pytest.raises(BadRequest):
        config.outputs(text.replace(old, new).encode())


def test_no_outputs_are_refused():
    with pytest.raises(BadRequest):
        config.outputs(outputs_xml([]).encode())


NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=9).filter(lambda one: one.isprintable())


@given(st.lists(NAMES, min_size=1, max_size=4, unique=True))
def test_any_names_come_back(names):
    inputs = Inputs("/in", tuple(names))
    outputs = Outputs("/out", "localhost", 1, tuple(Output(one, OutputSettings(limits="soft")) for one in names))
    assert config.inputs(config.inputs_text(inputs).encode()) == inputs
    assert config.outputs(config.outputs_text(outputs).encode()) == outputs
