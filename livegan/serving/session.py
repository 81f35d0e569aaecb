"""A session as Wekinator holds it: rows of inputs are recorded or answered, and told which by whoever asks.

Pure: no socket, clock or disk of its own; what it is told it does at once, or refuses in one sentence and stays as it
was. Places of outputs and inputs count from 0 here.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np

from livegan.errors import BadRequest
from livegan.mapping.mapping import Mapping
from livegan.serving import keeping
from livegan.serving.calming import Calming
from livegan.serving.out import Out, note, refusal
from livegan.serving.players import anew, answered, followed, players_of
from livegan.serving.project import Project

TRAINED = Out("/wekinator/status/done-training")


class Session:
    """What goes on with a project; all of it raises BadRequest.

    state: recording outranks running, never both; what is trained runs at once. values: float64 [O], what each output
    gives now, or is to give while it is recorded. opens: gives the project of a name. now: gives seconds, by which
    outputs are smoothed. reply: the address of answers.
    """

    def __init__(
        self,
        project: Project,
        opens: Callable[[str], Project],
        now: Callable[[], float],
        reply: str = "/wek/outputs",
    ) -> None:
        self._opens, self._reply, self._calming = opens, reply, Calming(now)
        self._take(project)

    def _take(self, project: Project) -> None:
        keeping.restore(project)
        self.project = project
        self.state: Literal["idle", "recording", "running"] = "running" if project.players else "idle"
        self.values = _defaults(project)
        self._round, self._gesture = 0, 0

    def row(self, row: np.ndarray) -> list[Out]:
        """A row of inputs, float32 [F]."""
        if self.state == "recording":
            self.project.notebook.add(self._round, row[None], self._wanted()[None])
        return self._answer(row) if self.state == "running" else []

    def _wanted(self) -> np.ndarray:
        if self.project.gesture:
            return np.array([self._gesture], np.float32)
        recorded = [one.record for one in self.project.outputs.values()]
        return np.where(recorded, self.values, np.nan)

    def _answer(self, row: np.ndarray) -> list[Out]:
        project = self.project
        if project.gesture:
            name = project.names[0]
            return followed(project.players[name], name, project.gesture, row, self._reply) if project.players else []
        try:
            now, *more = answered(project.players, project.outputs, row, self.values, self._reply)
            calm = Out(now.address, self._calming.calmed(now.values, [*project.outputs.values()]))
            told = self._calming.told()
            return [calm, *more, note(told)] if told else [calm, *more]
        except ValueError:
            return [self._now(), refusal("an output was not finite, all keep their values: look at the inputs")]

    def _now(self) -> Out:
        return Out(self._reply, self.values.copy())

    def start_recording(self) -> list[Out]:
        """Begin a round; each row becomes an example of the values there are now."""
        self._refuse_gestures("startDtwRecording")
        return self._record()

    def start_gesture(self, gesture: int) -> list[Out]:
        """Begin an example of a gesture, counted from 0."""
        self._refuse_numbers("startRecording")
        self._gesture = gesture + 1
        return self._record()

    def _record(self) -> list[Out]:
        self._round, self.state = self.project.notebook.begin(self.project.settings), "recording"
        return []

    def stop_recording(self) -> list[Out]:
        """Record no more."""
        self._refuse_gestures("stopDtwRecording")
        self._stop("recording")
        return []

    def stop_gesture(self) -> list[Out]:
        """What was recorded is an example now, and known at once."""
        self._refuse_numbers("stopRecording")
        recorded = self.state == "recording" and self._round in self.project.notebook.rounds
        self._stop("recording")
        if not recorded:
            raise BadRequest("no row came while a gesture was recorded: nothing was taught")
        self._fit()
        return []

    def _stop(self, state: str) -> None:
        self.project.notebook.again()
        if self.state == state:
            self.state = "idle"

    def start_running(self) -> list[Out]:
        """Answer each row from now on."""
        going = self.project.training.going
        if not self.project.players and not (going and self.project.gesture):
            raise BadRequest("nothing is trained yet: record examples, then train")
        if going and not self.project.gesture:
            raise BadRequest("training is going on: run when it is done")
        self.state = "running"
        self.project.players = anew(self.project.players)
        return []

    def stop_running(self) -> list[Out]:
        """Answer no more."""
        self._stop("running")
        return []

    def train(self) -> list[Out]:
        """Fit all outputs that take part; the old models play until all new ones are there."""
        self._refuse_gestures("stopDtwRecording, which is all that gestures need")
        if self.project.training.going:
            raise BadRequest("training is going on already: wait, or cancelTrain")
        if not self.project.notebook.rounds:
            raise BadRequest("there are no examples: record some first")
        self._fit()
        return []

    def cancel(self) -> list[Out]:
        """Stop training; the old models stay."""
        if not self.project.training.going:
            raise BadRequest("nothing is being trained")
        self.project.training.cancel()
        return [TRAINED]

    def _fit(self) -> None:
        project = self.project
        project.notebook.again()
        project.training.begin(project.settings, lambda found, sentence: self._fitted(project, found, sentence))

    def _fitted(self, project: Project, found: Mapping | None, sentence: str) -> list[Out]:
        if project is not self.project:
            return []
        done = [] if project.gesture else [TRAINED]
        if found is None:
            return [refusal(f"{sentence}; what was trained before plays on"), *done]
        new = players_of(found, project.inputs)
        for place, (name, one) in enumerate(project.outputs.items()):
            if one.train and name not in new:
                project.players.pop(name, None)
                self.values[place] = one.default
            elif one.train:
                project.players[name] = new[name]
        return [note(sentence), *done]

    def delete_all(self) -> list[Out]:
        """Leave all examples out; what was trained of them plays on."""
        self._forget([*self.project.notebook.rounds])
        return []

    def delete(self, place: int) -> list[Out]:
        """Forget what was recorded for one output, or for one gesture."""
        notebook = self.project.notebook
        if not self.project.gesture:
            notebook.blank(place, self.project.settings)
            self._go_on()
            return []
        self._forget([one for one, found in notebook.rounds.items() if found.outputs[0][0] == place + 1])
        return []

    def _forget(self, rounds: list[int]) -> None:
        """Leave rounds out; gestures are unlearnt with them."""
        self.project.notebook.leave_out(rounds)
        self._go_on()
        if self.project.gesture and self.project.notebook.rounds:
            self._fit()
        elif self.project.gesture:
            self.project.training.cancel()
            self.project.players.clear()

    def _go_on(self) -> None:
        """What is being recorded goes into a round of its own, for the one from before may be left out."""
        if self.state == "recording":
            self._record()

    def switch(self, places: Sequence[int], key: Literal["record", "run"], on: bool) -> list[Out]:
        """Have outputs take part in recording or running, or keep their values."""
        self._refuse_gestures("deleteExamplesForOutput")
        for place in places:
            self.project.change(place, **{key: on})
        return []

    def set_outputs(self, values: np.ndarray) -> list[Out]:
        """Set what the outputs give now, float64 [O]; one that may not have its value keeps the old one."""
        self._refuse_gestures("startDtwRecording")
        allowed = [one.allows(value) for one, value in zip(self.project.outputs.values(), values, strict=True)]
        self.values = np.where(allowed, values, self.values)
        wrong = [f'"{name}"' for name, right in zip(self.project.names, allowed, strict=True) if not right]
        return [refusal(f"{', '.join(wrong)}: beyond its limits or no such class, it keeps its value")] if wrong else []

    def name_inputs(self, names: Sequence[str]) -> list[Out]:
        """Say how many inputs there are, and what they are called; before anything was recorded."""
        self._refuse_begun()
        renamed = dict(zip(self.project.inputs, names, strict=False))
        for place, one in enumerate([*self.project.outputs.values()]):
            told = [renamed[feature] for feature in one.features or () if feature in renamed]
            self.project.change(place, features=told or None)
        self.project.inputs = tuple(names)
        return []

    def name_outputs(self, names: Sequence[str]) -> list[Out]:
        """Say how many outputs there are, all like the first of before; before anything was recorded."""
        self._refuse_begun()
        if self.project.gesture and len(names) > 1:
            raise BadRequest("a mapping of gestures has one output, which all of them belong to")
        like = next(iter(self.project.outputs.values()))
        self.project.outputs = dict.fromkeys(names, like)
        self.values = _defaults(self.project)
        return []

    def select(self, place: int, inputs: Sequence[int]) -> list[Out]:
        """Have an output be told of these inputs only, from the next training on."""
        self.project.change(place, features=[self.project.inputs[one] for one in sorted(set(inputs))])
        return []

    def save(self, place: int, name: str) -> list[Out]:
        """Keep the model of an output, with its examples, as a file of the mapping."""
        self._refuse_gestures("a copy of the mapping's folder")
        keeping.save(self.project, place, name)
        return []

    def load(self, place: int, name: str, with_data: bool) -> list[Out]:
        """Take a kept model for an output, which is trained no more; with_data: its examples too."""
        self._refuse_gestures("a copy of the mapping's folder")
        keeping.load(self.project, place, name, with_data)
        return [self._now(), TRAINED]

    def run_project(self, name: str) -> list[Out]:
        """Go on with another mapping, and run it."""
        self._take(self._opens(name))
        if not self.project.players:
            return [refusal(f"{name} is open, but nothing in it is trained yet: record examples, then train")]
        return [TRAINED]

    def _refuse_begun(self) -> None:
        if self.project.players or not self.project.notebook.untouched:
            raise BadRequest("names are given before anything is recorded: name another mapping in the patch")

    def _refuse_gestures(self, instead: str) -> None:
        if self.project.gesture:
            raise BadRequest(f"this is for numbers and classes, and the mapping has gestures: use {instead}")

    def _refuse_numbers(self, instead: str) -> None:
        if not self.project.gesture:
            raise BadRequest(f"this is for gestures, and the mapping has none: use {instead}")


def _defaults(project: Project) -> np.ndarray:
    return np.array([one.default for one in project.outputs.values()])
