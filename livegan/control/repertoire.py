"""Everything that can be asked of a show, each command defined once; livegan play --keys lists them.

A command says what; what it does is done by the show and its rehearsal, between two ticks.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from livegan.clock import Clock
from livegan.control.commands import Commands, command
from livegan.control.learned import Text
from livegan.control.learning import Learning
from livegan.mapping.editing import Edit
from livegan.rehearsal.along import LASTING
from livegan.rehearsal.rehearsal import Rehearsal

AGAIN = 2.0
"""Seconds within which quit must be asked again."""

Distance = Annotated[float, Field(ge=0.02, le=1)]
Name = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^/\\\x00-\x1f]+$")]
Model = Annotated[str, Field(min_length=1, max_length=200)]
Round = Annotated[int, Field(ge=1, le=2**31 - 1)]
Row = Annotated[int, Field(ge=1, le=2**20)]
Value = Annotated[float, Field(ge=-1e6, le=1e6)]
CLOSER = 0.7


@dataclass
class Stand:
    """What commands act on. view: shows or hides the operator's view. asked: when quit was asked last."""

    rehearsal: Rehearsal
    view: Callable[[], None]
    clock: Clock
    learning: Learning
    asked: float = -AGAIN


@command
def view(on: Stand) -> None:
    """Show or hide the operator's view."""
    on.view()


@command
def grid(on: Stand) -> str:
    """Twelve new looks; pick one."""
    return on.rehearsal.choices().fill()


@command
def near(on: Stand, distance: Distance | None = None) -> str:
    """Neighbours of the look on stage; distance: how far, 0.02 to 1, kept until changed."""
    return on.rehearsal.choices().near(distance)


@command
def closer(on: Stand) -> str:
    """Nearer neighbours."""
    return _around(on, CLOSER)


@command
def wider(on: Stand) -> str:
    """Farther neighbours."""
    return _around(on, 1 / CLOSER)


@command
def pick(on: Stand, number: Annotated[int, Field(ge=1, le=12)]) -> str:
    """Put a look of the grid on stage."""
    return on.rehearsal.choices().pick(number)


@command
def seed(on: Stand, number: Annotated[int, Field(ge=0, le=2**32 - 1)]) -> str:
    """Put the look of a seed on stage."""
    return on.rehearsal.choices().seed(number)


@command
def grab(on: Stand, seconds: Annotated[float, Field(ge=0, le=30)] | None = None) -> str:
    """Looks of the last half minute; with a number, the one of so many seconds ago."""
    return on.rehearsal.choices().grab(seconds)


@command
def keep(on: Stand, name: Name | None = None) -> str:
    """Keep the look on stage; when a question is open, keep both rounds."""
    return on.rehearsal.keep(name)


@command
def look(on: Stand, name: Name) -> str:
    """Put a kept look on stage, by its name or number."""
    choosing = on.rehearsal.choices()
    return choosing.show_kept(choosing.named(name))


@command
def next_(on: Stand) -> str:
    """The next kept look."""
    return on.rehearsal.choices().step(1)


@command
def previous(on: Stand) -> str:
    """The kept look before."""
    return on.rehearsal.choices().step(-1)


@command
def name(on: Stand, name: Name) -> str:
    """Give the kept look on stage another name."""
    return on.rehearsal.choices().rename(name)


@command
def forget(on: Stand) -> str:
    """Keep the look on stage no longer; what was taught with it stays."""
    return on.rehearsal.choices().forget()


@command
def teach(on: Stand, count: Annotated[int, Field(ge=1, le=99)] | None = None) -> str:
    """Teach the look on stage; 3-2-1, then two seconds are recorded. With a count: the first so many kept looks."""
    return on.rehearsal.teach(count)


@command
def teach_all(on: Stand) -> str:
    """Teach all kept looks, one after the other."""
    return on.rehearsal.teach_all()


@command
def record(on: Stand, down: bool) -> str:
    """Record for the look on stage while held."""
    return on.rehearsal.record(down)


@command
def correct(on: Stand) -> str:
    """Freeze, then teach; this pose, this look."""
    return on.rehearsal.correct()


@command
def play(on: Stand) -> str:
    """Back to playing; whatever is under way ends."""
    on.learning.cancel()
    return on.rehearsal.play()


@command
def cancel(on: Stand) -> str:
    """Stop what is under way; learning, teaching, moving along, checking, fitting or loading a model."""
    return "cancelled" if on.learning.cancel() else on.rehearsal.cancel()


@command
def replace(on: Stand) -> str:
    """Replace older rounds; the answer when a new one contradicts them."""
    return on.rehearsal.replace()


@command
def rounds(on: Stand) -> str:
    """All rounds that were taught; number, look, examples, and what is left out."""
    return on.rehearsal.taught(change=False).told()


@command
def leave_out(on: Stand, number: Round) -> str:
    """Leave a round out; nothing is deleted."""
    lectern = on.rehearsal.taught(change=True)
    return lectern.leave_out((lectern.round(number),))


@command
def take_back(on: Stand, number: Round) -> str:
    """Take a round back that was left out."""
    return on.rehearsal.taught(change=True).take_back(number)


@command
def leave_out_all(on: Stand) -> str:
    """Leave all rounds out, to begin anew."""
    return on.rehearsal.taught(change=True).leave_out_all()


@command
def lesson(on: Stand, mapping: Name) -> str:
    """Teach another mapping of the patch from now on."""
    return on.rehearsal.teach_to(mapping)


@command
def set_(on: Stand, output: Name, value: Value) -> str:
    """Give a named output of the lesson this value by hand; teach then, and the pose means it."""
    return on.rehearsal.numbers().set(output, value)


@command
def record_output(on: Stand, output: Name, yes: bool) -> str:
    """Whether what is recorded says anything about a named output."""
    return on.rehearsal.numbers().record(output, yes)


@command
def example(on: Stand) -> str:
    """Record one example, now."""
    return on.rehearsal.example()


@command
def relabel(on: Stand, number: Round, look: Name) -> str:
    """Have a round teach another look; what it was is left out."""
    return on.rehearsal.taught(change=True).edit(number, Edit(look=look), f"round {number} for {look}")


@command
def edit(on: Stand, number: Round, name: Name, value: Value, row: Row | None = None) -> str:
    """Change an output or a feature in all examples of a round, or in one of them; what it was is left out."""
    told = f"{name} {value:g} in {f'example {row} of ' if row else ''}round {number}"
    return on.rehearsal.taught(change=True).edit(number, Edit(name=name, value=value, row=row), told)


@command
def blank(on: Stand, number: Round, name: Name) -> str:
    """Have a round say nothing about an output any more; what it was is left out."""
    return on.rehearsal.taught(change=True).edit(number, Edit(name=name), f"nothing about {name} in round {number}")


@command
def undo(on: Stand) -> str:
    """Undo the last deed; a round, a look, a fit, to any depth."""
    return on.rehearsal.undo()


@command
def redo(on: Stand) -> str:
    """Redo what was undone."""
    return on.rehearsal.redo()


@command
def freeze(on: Stand, yes: bool | None = None) -> str:
    """Hold the picture, or let it go."""
    steering = on.rehearsal.show.steering
    steering.freeze(steering.frozen is None if yes is None else yes)
    return "frozen" if steering.frozen is not None else "not frozen"


@command
def safe(on: Stand, yes: bool | None = None) -> str:
    """Ease to the safe look, or back."""
    steering = on.rehearsal.show.steering
    steering.make_safe(not steering.safe if yes is None else yes)
    return "safe" if steering.safe else "back from the safe look"


@command
def black(on: Stand, yes: bool | None = None) -> str:
    """Fade to black, or back."""
    steering = on.rehearsal.show.steering
    steering.black = not steering.black if yes is None else yes
    return "black" if steering.black else "light again"


@command
def check(on: Stand) -> str:
    """Check what is taught; move freely for 20 s, and one page tells what the mapping made of it."""
    return on.rehearsal.check()


@command
def along(on: Stand, seconds: Annotated[float, Field(ge=5, le=600)] = LASTING) -> str:
    """Move along with a path through the kept looks, or the walk; once more ends it."""
    return on.rehearsal.move_along(seconds)


@command
def lag(on: Stand, milliseconds: Annotated[float, Field(ge=-500, le=500)]) -> str:
    """Teach the last path again, with you so far behind it."""
    return on.rehearsal.lag(milliseconds)


@command
def refit(on: Stand, model: Literal["rbf", "ridge"] | None = None) -> str:
    """Fit again, by another kind of model."""
    return on.rehearsal.refit(model)


@command
def model(on: Stand, name: Model) -> str:
    """Draw with another model; its name, or a file in the current folder or models/."""
    return on.rehearsal.changing.ask(name)


@command
def learn(on: Stand, target: Text) -> str:
    """Have the control that is moved next do this; psi or another number of the look, or a command such as "look 3"."""
    return on.learning.ask(target)


@command
def unlearn(on: Stand, target: Text) -> str:
    """Have no control do this any more."""
    return on.learning.forget(target)


@command
def learned(on: Stand) -> str:
    """Which control was learned for what."""
    return on.learning.told()


@command
def status(on: Stand) -> str:
    """What the show is doing, in one sentence."""
    return on.rehearsal.status()


@command
def quit_(on: Stand) -> str:
    """End the show, when asked twice."""
    before, on.asked = on.asked, on.clock.now()
    if on.asked - before < AGAIN:
        on.rehearsal.show.stop()
        return "the show is over"
    return "once more to end the show"


def _around(on: Stand, factor: float) -> str:
    choosing = on.rehearsal.choices()
    return choosing.near(min(1.0, max(0.02, choosing.distance * factor)))


COMMANDS = Commands(
    [
        *(view, grid, near, closer, wider, pick, seed, grab, keep, look, next_, previous, name, forget),
        *(teach, teach_all, record, correct, play, cancel, replace),
        *(lesson, set_, record_output, example),
        *(rounds, leave_out, take_back, leave_out_all, relabel, edit, blank, undo, redo, freeze, safe, black),
        *(check, along, lag, refit, model, learn, unlearn, learned, status, quit_),
    ]
)
"""In the order in which they are listed."""
