"""The command `livegan train`: settle what is trained, from what and where to, train, and tell what came of it.

Of several processes only the first reads the folder, writes and speaks.
"""

import contextlib
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path

from livegan import files
from livegan.clock import SystemClock
from livegan.control.plotting import plot
from livegan.control.running import stopped_by_signals
from livegan.control.voice import Say, Stop, Voice
from livegan.errors import BadRequest
from livegan.generators.stylegan2_plain import Layout
from livegan.generators.weights import Model
from livegan.importers import inception as inception_file
from livegan.training import checkpoint, logbook, plan, presets, start
from livegan.training.config import Config
from livegan.training.dataset import Dataset
from livegan.training.fid import Fid
from livegan.training.holding import holding
from livegan.training.inception import Inception
from livegan.training.loop import Telling, train
from livegan.training.plan import Job, Plan
from livegan.training.spread import Spread, best_precision, joined
from livegan.training.start import Judge, Start

PATCH = """\
# Plays the newest model of this training, moving by itself; yours to change.
latency = "auto"

[input.slow]
kind = "lfo"

[input.slow.waves]
swell = { period = "11 s", low = -2, high = 2 }
turn = { wave = "triangle", period = "17 s", low = -2, high = 2, phase = 0.25 }
drift = { wave = "noise", period = "7 s", low = -2.5, high = 2.5 }

[mapping.waves]
features = "slow"
outputs = "pca:3"

[generator]
model = "model.safetensors"

[stage.main]
kind = "window"
"""
"""OUT/play.toml: a show of the model, for whoever has no patch yet."""


@dataclass(frozen=True)
class Wanted:
    """What the command line asked for; None is what it left open.

    model: a bundled name or a file to start from. discriminator: a .safetensors with StyleGAN2-ADA's names, or a
    checkpoint of another training; None for the one that lies with the model. kimg: thousands of pictures, instead of
    steps. inception: the weights of FID's network, to measure with.
    """

    dataset: Path
    out: Path
    preset: str | None = None
    size: int | None = None
    steps: int | None = None
    kimg: float | None = None
    model: str | None = None
    discriminator: Path | None = None
    freeze_d: int | None = None
    batch: int | None = None
    precision: str | None = None
    device: str = "auto"
    seed: int | None = None
    path_length: bool | None = None
    progressive: bool | None = None
    no_noise: bool | None = None
    gamma: float | None = None
    every: int | None = None
    inception: Path | None = None


def training(wanted: Wanted, say: Say) -> None:
    """Train, or go on, until it is done or Ctrl-C. Raises BadRequest or Failure in one sentence."""
    clock, stop = SystemClock(), Stop()
    voice = Voice(clock.now, say)
    with contextlib.ExitStack() as stack:
        spread = stack.enter_context(joined(wanted.device))
        stack.enter_context(stopped_by_signals(stop))
        if spread.first:
            stack.enter_context(holding(wanted.out))
        fid = _fid(wanted.inception, spread, voice, stop) if spread.first and wanted.inception else None
        job = replace(_job(wanted, spread, voice.say if spread.first else _silent), fid=fid)
        reached = train(job, spread, clock, Telling(voice.say, voice.progress, plot), lambda: stop.asked)
        if spread.first:
            _tell_end(job, reached, voice.say)


def tell_checkpoints(out: Path, say: Say) -> None:
    """List the models of a training with their figures. Raises BadRequest where there is none."""
    if not (out / plan.FILE).is_file():
        raise BadRequest(f"{out} holds no training: name the folder that livegan train wrote")
    lines = {line.step: line for line in logbook.read(out / "log.csv")}
    newest = max(checkpoint.numbered(out / "checkpoints"), default=-1)
    columns = {"distance": "quality"} | ({"FID": "fid"} if any(line.fid is not None for line in lines.values()) else {})
    say(f"{'step':>8}{''.join(f'  {name:>8}' for name in columns)}  model")
    for step, path in checkpoint.numbered(out / "models").items():
        figures = "".join(f"  {_figure(lines.get(step), name):>8}" for name in columns.values())
        say(f"{step:8,}{figures}  {path}{' (goes on from here)' if step == newest else ''}")


def _figure(line: logbook.Line | None, name: str) -> str:
    found = getattr(line, name, None)
    return "-" if found is None else f"{found:.2f}"


def _silent(_: str) -> None:
    pass


def _fid(path: Path, spread: Spread, voice: Voice, stop: Stop) -> Fid:
    network = Inception(inception_file.read(path), plan.digest(path), spread.device)
    return Fid(network, voice.say, voice.progress, lambda: stop.asked)


def _job(wanted: Wanted, spread: Spread, say: Say) -> Job:
    """What is to be trained, alike in all processes."""
    dataset = Dataset.open(wanted.dataset)
    begin = start.opened(wanted.model, say) if wanted.model and spread.first else None
    judge: Judge | None = None

    def settled() -> str:
        nonlocal judge
        found = plan.read(wanted.out)
        if found is not None and checkpoint.numbered(wanted.out / "checkpoints"):
            found = _resumed(wanted, found, begin)
        else:
            found, judge = _begun(wanted, dataset, begin, spread.device, say)
        checkpoint.refuse_full(wanted.out, 0)
        plan.write(wanted.out, found)
        if not (wanted.out / "play.toml").exists():
            files.write_atomic(wanted.out / "play.toml", PATCH.encode())
        return found.model_dump_json()

    settings = Plan.model_validate_json(spread.text(settled))
    return Job(wanted.out, settings, dataset, begin and begin.model, judge and judge.tensors)


def _begun(wanted: Wanted, dataset: Dataset, begin: Start | None, device: str, say: Say) -> tuple[Plan, Judge | None]:
    """The settings of a new training, told, and the discriminator that it starts from."""
    model = begin and begin.model
    size = wanted.size or (Layout(model).config.img_resolution if model else None)
    preset = wanted.preset or presets.fitting(size or dataset.size)
    asked = {
        "batch": wanted.batch,
        "freeze_d": wanted.freeze_d,
        "precision": wanted.precision or best_precision(device),
        "pl_weight": 2.0 if wanted.path_length else None,
        "progressive": wanted.progressive,
        "use_noise": False if wanted.no_noise else None,
        "r1_gamma": wanted.gamma,
        "ada_kimg": presets.ada_kimg(len(dataset.train)),
    }
    asked = {name: value for name, value in asked.items() if value is not None}
    steps = _steps(wanted, asked.get("batch", presets.BATCH))
    config = presets.config_for(preset, dataset.size, size, len(dataset.labels), steps, asked)
    if model is not None:
        if wanted.progressive:
            raise BadRequest(f"--progressive begins small and {model.name} is learnt already: leave one of them out")
        config = config.like(model)
    judge = start.judge(begin, wanted.discriminator, config, say)
    _refuse_freezing(wanted, judge)
    say(f"{preset} {presets.PRESETS[preset].says}.")
    return _plan(wanted, preset, config, steps, model, judge), judge


def _refuse_freezing(wanted: Wanted, judge: Judge | None) -> None:
    """Raises BadRequest where --freeze-d would keep layers that have learnt nothing."""
    if wanted.freeze_d and wanted.progressive:
        raise BadRequest("--freeze-d keeps layers and --progressive begins with new ones: leave one of them out")
    if wanted.freeze_d and judge is None:
        raise BadRequest(
            "--freeze-d keeps what a discriminator has learnt and there is none: add --from and "
            "--from-discriminator, or leave it out"
        )


def _plan(wanted: Wanted, preset: str, config: Config, steps: int, model: Model | None, judge: Judge | None) -> Plan:
    return Plan(
        preset=preset,
        config=config,
        seed=wanted.seed or 0,
        steps=steps,
        every=wanted.every or presets.EVERY,
        dataset=plan.digest(wanted.dataset / "dataset.json"),
        model=model.sha256 if model else "",
        discriminator=plan.digest(judge and judge.file),
    )


def _resumed(wanted: Wanted, begun: Plan, begin: Start | None) -> Plan:
    """The settings of a training that goes on. Raises BadRequest where others are asked for."""
    asked = {
        "DATASET": plan.digest(wanted.dataset / "dataset.json"),
        "--preset": wanted.preset,
        "--size": wanted.size,
        "--batch": wanted.batch,
        "--precision": wanted.precision,
        "--seed": wanted.seed,
        "--freeze-d": wanted.freeze_d,
        "--path-length": wanted.path_length,
        "--progressive": wanted.progressive,
        "--no-noise": wanted.no_noise,
        "--gamma": wanted.gamma,
        "--from": begin and begin.model.sha256,
        "--from-discriminator": wanted.discriminator and plan.digest(wanted.discriminator),
    }
    plan.refuse_others(wanted.out, begun, asked)
    done = max(checkpoint.numbered(wanted.out / "checkpoints"))
    steps = _steps(wanted, begun.config.batch) if wanted.steps or wanted.kimg else begun.steps
    if steps < done:
        raise BadRequest(f"{wanted.out} has {done:,} steps already and {steps:,} are asked for: give more --steps")
    return begun.model_copy(update={"steps": steps, "every": wanted.every or begun.every})


def _steps(wanted: Wanted, batch: int) -> int:
    if wanted.steps and wanted.kimg:
        raise BadRequest("--steps and --kimg both say how long to train: give one of them")
    if wanted.kimg:
        return ceil(1000 * wanted.kimg / batch)
    if wanted.steps and wanted.steps > presets.MOST:
        raise BadRequest(
            f"--steps is {presets.MOST:,} at most, found {wanted.steps:,}: for longer trainings say thousands of "
            f"pictures, --kimg {wanted.steps * batch / 1000:g}"
        )
    return wanted.steps or presets.STEPS


def _tell_end(job: Job, reached: int, say: Say) -> None:
    tell_checkpoints(job.out, say)
    figures = [line for line in logbook.read(job.out / "log.csv") if line.quality is not None]
    if len(figures) > 1 and figures[0].step == 0:
        first, last = figures[0].quality, figures[-1].quality
        say(f"The distance to pictures never shown is {last:.2f}, it was {first:.2f} at step 0 ({last / first:.0%}).")
    if reached < job.plan.steps:
        say(f"Stopped at step {reached:,} of {job.plan.steps:,}; the same command goes on.")
    else:
        say(f"All {reached:,} steps are done; to go on, give more --steps.")
    say(f"livegan play {job.out / 'play.toml'} plays it.")
