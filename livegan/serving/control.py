"""The control messages of Wekinator, each defined once: its arguments, and what a session does for it.

Decides nothing: numbers that count from 1 become places, and what is wrong with a message becomes a sentence.
"""

from collections.abc import Callable, Sequence

import numpy as np

from livegan.errors import BadRequest, LiveganError
from livegan.osc import Message, Value
from livegan.serving import arguments
from livegan.serving.out import ERROR, Out, refusal
from livegan.serving.session import Session

PREFIX = "/wekinator/control/"

Values = Sequence[Value]
Does = Callable[[Session, Values], list[Out]]


def heard(session: Session, message: Message, inputs: str = "/wek/inputs") -> list[Out]:
    """What a message is answered with, in this order; `inputs` is the address of rows."""
    address = message.address.removesuffix("/")
    if address == ERROR:  # what another server said: two of them must not talk for ever
        return []
    try:
        if address == inputs:
            return session.row(_row(message.values, len(session.project.inputs)))
        if address.removeprefix(PREFIX) not in CONTROL or not address.startswith(PREFIX):
            raise BadRequest(f"nothing here has this address: rows of inputs come to {inputs}")
        return CONTROL[address.removeprefix(PREFIX)](session, message.values)
    except LiveganError as error:
        return [refusal(f"{address[:100]}: {error}")]


def _row(values: Values, count: int) -> np.ndarray:
    return arguments.row(values, count, "inputs").astype(np.float32)


def _output(session: Session, values: Values) -> int:
    return arguments.place(values, len(session.project.outputs), "output")


def _outputs(session: Session, values: Values) -> list[int]:
    return arguments.places(values, len(session.project.outputs), "output")


def _gesture(session: Session, values: Values) -> int:
    gesture = session.project.gesture
    return arguments.place(values, gesture.classes, "gesture") if gesture else 0


def _delete(session: Session, values: Values) -> list[Out]:
    place = _gesture(session, values) if session.project.gesture else _output(session, values)
    return session.delete(place)


def _set(session: Session, values: Values) -> list[Out]:
    return session.set_outputs(arguments.row(values, len(session.project.outputs), "outputs"))


def _select(session: Session, values: Values) -> list[Out]:
    inputs = arguments.places(values[1:], len(session.project.inputs), "input")
    return session.select(_output(session, values), inputs)


def _load(session: Session, values: Values) -> list[Out]:
    word = values[2] if len(values) > 2 else "WITHOUTDATA"
    if word not in ("WITHDATA", "WITHOUTDATA"):
        raise BadRequest(f"WITHDATA or WITHOUTDATA is wanted, found {repr(word)[:60]}: nothing was changed")
    return session.load(_output(session, values), arguments.stem(values, 1), word == "WITHDATA")


CONTROL: dict[str, Does] = {
    "startRecording": lambda session, values: session.start_recording(),
    "stopRecording": lambda session, values: session.stop_recording(),
    "startDtwRecording": lambda session, values: session.start_gesture(_gesture(session, values)),
    "stopDtwRecording": lambda session, values: session.stop_gesture(),
    "train": lambda session, values: session.train(),
    "cancelTrain": lambda session, values: session.cancel(),
    "startRunning": lambda session, values: session.start_running(),
    "stopRunning": lambda session, values: session.stop_running(),
    "deleteAllExamples": lambda session, values: session.delete_all(),
    "deleteExamplesForOutput": _delete,
    "enableModelRecording": lambda session, values: session.switch(_outputs(session, values), "record", True),
    "disableModelRecording": lambda session, values: session.switch(_outputs(session, values), "record", False),
    "enableModelRunning": lambda session, values: session.switch(_outputs(session, values), "run", True),
    "disableModelRunning": lambda session, values: session.switch(_outputs(session, values), "run", False),
    "outputs": _set,
    "setInputNames": lambda session, values: session.name_inputs(arguments.names(values)),
    "setOutputNames": lambda session, values: session.name_outputs(arguments.names(values)),
    "selectInputsForOutput": _select,
    "loadModelFromFile": _load,
    "saveModelToFile": lambda session, values: session.save(_output(session, values), arguments.stem(values, 1)),
    "runNewProject": lambda session, values: session.run_project(arguments.stem(values)),
    "enablePerformanceMode": lambda session, values: [],
    "disablePerformanceMode": lambda session, values: [],
}
"""All of them, by the last part of their address; what a message carries beyond its arguments is ignored."""
