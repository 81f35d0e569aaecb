"""Wekinator projects for the tests: those that the real program saved, and others written by hand in its formats."""

import json
from pathlib import Path

import numpy as np

from livegan.errors import BadRequest

SAVED = Path(__file__).parents[2] / "data" / "wekinator"
REGRESSION, DTW = SAVED / "project-A-regression", SAVED / "project-C-dtw"
HEAD = '<?xml version="1.0"?>\n'

NUMBER = """<{tag}>
  <name>{name}</name>
  <min>{low}</min>
  <max>{high}</max>
  <outputType>{whole}</outputType>
  <limitType>{limits}</limitType>
  <trainingDataLimitRestriction>DONT_ENFORCE_LIMITS</trainingDataLimitRestriction>
  <trainingDataIntegerRestriction>DONT_ENFORCE_INTEGER</trainingDataIntegerRestriction>
</{end}>"""
CLASS = """<{tag}>
  <name>{name}</name>
  <numClasses>{classes}</numClasses>
  <isSendingDistribution>{told}</isSendingDistribution>
</{end}>"""
TYPES = {"number": ("wekimini.osc.OSCNumericOutput", NUMBER), "class": ("wekimini.osc.OSCClassificationOutput", CLASS)}


def sweep():
    """The rows that were played to the regression project, and what Wekinator sent for each."""
    running, row, found = False, None, []
    for line in (SAVED / "session-A-regression.jsonl").read_text().splitlines():
        told = json.loads(line)
        running = running or told.get("text") == "run"
        for address, values in told.get("osc", ()) if running else ():
            row = np.array(values) if address == "/wek/inputs" else row
            if address == "/wek/outputs":
                found.append((row, np.array(values)))
    return found


def refused(read, *given):
    """The one sentence by which something is refused, or "" when it is read; any other error goes on."""
    try:
        read(*given)
    except BadRequest as error:
        return str(error)
    return ""


class Told:
    """An output of a project: its type and what is told of it, the builder of its model, the inputs it is told of."""

    def __init__(self, name, type, model, inputs=None, state="NEEDS_REBUILDING", **said):
        self.name, self.type, self.model, self.inputs, self.state = name, type, model, inputs, state
        usual = {"low": "0.0", "high": "1.0", "whole": "REAL", "limits": "SOFT", "classes": 3, "told": "false"}
        self.said = usual | said

    def xml(self, tag=None):
        own, text = TYPES[self.type]
        return text.format(tag=tag or own, end=(tag or own).split(" ")[0], name=self.name, **self.said)

    def path(self, inputs):
        kind, parts = self.model
        inner = "".join(f"<{key}>{value}</{key}>" for key, value in parts.items())
        names = "".join(f"<string>{name}</string>" for name in self.inputs or inputs)
        output = self.xml(f'output class="{TYPES[self.type][0]}"')
        return (
            f'<Path>\n  <modelBuilder class="wekimini.learning.{kind}ModelBuilder">{inner}</modelBuilder>\n'
            f'  {output}\n  <inputNames class="linked-list">{names}</inputNames>\n'
            f"  <modelState>{self.state}</modelState>\n  <recordEnabled>true</recordEnabled>\n"
            f"  <runEnabled>false</runEnabled>\n  <numExamples>6</numExamples>\n</Path>"
        )


def string(text):
    """A string as Java's streams hold it."""
    data = text.encode()
    return b"\x74" + len(data).to_bytes(2, "big") + data


def model(path, arff=None):
    """A modelN.xml, with a stand-in for the trained object in the middle."""
    trained = b"sr\0\x05weka.\0\x01\xff\xfe\x74\x00\x09instance?"
    head = b"\xac\xed\0\5" + string(path) + string("wekimini.learning.SomeModel") + string("<m/>") + trained
    if arff is None:
        return head + string("null")
    data = arff.encode()
    first, rest = data[:1024], data[1024:]
    small = [rest[at : at + 200] for at in range(0, len(rest), 200)]
    blocks = b"".join(bytes((0x77, len(one))) + one for one in small)
    return head + string("instances") + b"\x7a" + len(first).to_bytes(4, "big") + first + blocks


def inputs_xml(names):
    listed = "".join(f"<string>{name}</string>" for name in names)
    return (
        f"{HEAD}<OSCInputGroup><oscMessage>/wek/inputs</oscMessage><numInputs>{len(names)}</numInputs>"
        f"<groupName>Inputs</groupName><inputNames>{listed}</inputNames></OSCInputGroup>"
    )


def outputs_xml(told):
    listed = "\n".join(one.xml() for one in told)
    return (
        f"{HEAD}<OSCOutputGroup><oscMessage>/wek/outputs</oscMessage><hostName>localhost</hostName>"
        f'<outputPort>12000</outputPort><outputs class="linked-list">{listed}</outputs></OSCOutputGroup>'
    )


def arff(inputs, told, rows, wanted, rounds):
    """currentData.arff as Weka lays it out, with six decimals at most."""
    lines = ["@relation dataset", "", "@attribute ID numeric", "@attribute Time date 'yyyy/MM/dd HH:mm:ss:SSS'"]
    lines += ["@attribute 'Training round' numeric", *(f"@attribute {quoted(name)} numeric" for name in inputs)]
    for one in told:
        words = ",".join(map(str, range(int(one.said["classes"]) + 1)))
        lines.append(f"@attribute {quoted(one.name)} {'numeric' if one.type == 'number' else f'{{{words}}}'}")
    lines += ["", "@data"]
    for number, (row, asked, turn) in enumerate(zip(rows, wanted, rounds, strict=True), 1):
        cells = [number, "'2026/11/21 09:08:45:290'", turn, *map(cell, row), *map(cell, asked)]
        lines.append(",".join(map(str, cells)))
    return "\n".join(lines) + "\n"


def quoted(name):
    return f"'{name}'" if " " in name else name


def cell(value):
    return "?" if np.isnan(value) else f"{value:.6f}".rstrip("0").rstrip(".")


def project(folder, inputs, told, rows, wanted, rounds):
    """A project of numbers and classes in a new folder."""
    files = {
        "Some.wekproj": f"{HEAD}<WekinatorFileData><oscReceivePort>6448</oscReceivePort>"
        "<projectName>Some</projectName></WekinatorFileData>",
        "inputConfig.xml": inputs_xml(inputs),
        "outputConfig.xml": outputs_xml(told),
        "current/currentData.arff": arff(inputs, told, rows, wanted, rounds),
    }
    (folder / "current/models").mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    for index, one in enumerate(told):
        (folder / f"current/models/model{index}.xml").write_bytes(model(one.path(inputs)))
    return folder
