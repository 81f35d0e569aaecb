"""The command line. Errors are one sentence on stderr: exit 2 for a wrong request, 1 for a failure."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from livegan.errors import BadRequest, LiveganError

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.callback()
def _options(debug: Annotated[bool, typer.Option(help="Show where an error came from.")] = False) -> None:
    """StyleGAN as an instrument: teach it by showing, play it live."""
    _debug.append(debug)


_debug: list[bool] = []

Patch = Annotated[str | None, typer.Argument(help="A patch; without one: the webcam, else the bundled dancer.")]


@app.command()
def play(
    patch: Patch = None,
    stage: Annotated[str | None, typer.Option(help="Use this kind of stage instead of the patch's.")] = None,
    fps: Annotated[float | None, typer.Option(min=1, max=240, help="Pictures a second.")] = None,
    frames: Annotated[int | None, typer.Option(min=1, help="Stop after so many pictures.")] = None,
    seconds: Annotated[float | None, typer.Option(min=0.1, help="Stop after so many seconds.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write what was measured to this JSON file.")] = None,
    record: Annotated[Path | None, typer.Option(help="Record the pictures to this video file (.mp4).")] = None,
    take: Annotated[list[str] | None, typer.Option(help="Keep an input's frames: INPUT=FILE.safetensors.")] = None,
    keys: Annotated[bool, typer.Option("--keys", help="List the commands and their keys, and do nothing.")] = False,
) -> None:
    """Run a show until it is told to stop."""
    from livegan.control import playing

    if keys:
        playing.tell_keys(patch, typer.echo)
        return
    playing.play(playing.Wanted(patch, stage, fps, frames, seconds, report, record, tuple(take or ())), typer.echo)


@app.command()
def fit(
    name: Annotated[str, typer.Argument(help="A mapping's folder in mappings/.")],
    model: Annotated[str | None, typer.Option(help="rbf, ridge or each, instead of the mapping's own.")] = None,
    generator: Annotated[str, typer.Option(help="The model whose w is learnt, for outputs = w.")] = "skies",
) -> None:
    """Fit a mapping to its examples."""
    from livegan.control import fitting

    fitting.fit(name, model, generator, typer.echo)


@app.command("map")
def map_(
    name: Annotated[str, typer.Argument(help="A mapping's folder in mappings/.")],
    rows: Annotated[Path, typer.Argument(help="A .csv or .arff whose head names the features.")],
    out: Annotated[Path, typer.Argument(help="The .csv to write, its head the outputs.")],
) -> None:
    """Put rows of features through a mapping."""
    from livegan.control import mapping

    mapping.map_rows(name, rows, out, typer.echo)


@app.command()
def examples(
    name: Annotated[str, typer.Argument(help="A mapping's folder in mappings/.")],
    export: Annotated[Path | None, typer.Option("--export", help="Write them to this .csv or .arff.")] = None,
    import_: Annotated[Path | None, typer.Option("--import", help="Add those in this .csv or .arff.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="With --import: leave out those that are there.")] = False,
    leave_out: Annotated[list[int] | None, typer.Option(help="Leave this round out.")] = None,
    take_back: Annotated[list[int] | None, typer.Option(help="Take this round back.")] = None,
    change: Annotated[
        list[str] | None, typer.Option(help='Such as "3 look=rose", "3 glow=0.5", or "3.17 body.x=0.2" for one row.')
    ] = None,
) -> None:
    """Tell the rounds of a mapping, change them, or take its examples out and in as a sheet."""
    from livegan.control import mapping

    if export is not None:
        mapping.export_examples(name, export, typer.echo)
    for one in change or ():
        mapping.change_round(name, one, typer.echo)
    if leave_out:
        mapping.keep_rounds(name, leave_out, False, typer.echo)
    if take_back:
        mapping.keep_rounds(name, take_back, True, typer.echo)
    if import_ is not None:
        mapping.import_examples(name, import_, typer.echo, replace)
    mapping.list_rounds(name, typer.echo)


@app.command()
def refit(
    name: Annotated[str, typer.Argument(help="The mapping that the take belongs to.")],
    take: Annotated[str, typer.Argument(help="The take's number in mappings/NAME/takes, or its folder.")],
    new: Annotated[str, typer.Argument(help="The mapping to make.")],
    features: Annotated[
        str | None, typer.Option(help="Others to learn: names, or how they begin, after commas.")
    ] = None,
    lag: Annotated[float | None, typer.Option(help="Milliseconds behind the looks, instead of what is found.")] = None,
    model: Annotated[str | None, typer.Option(help="rbf, instead of what the mapping would take.")] = None,
) -> None:
    """Teach a new mapping from a take, without the performer."""
    from livegan.control import retaking

    retaking.refit(name, take, new, features, lag, model, typer.echo)


@app.command()
def compare(
    first: Annotated[str, typer.Argument(help="A mapping.")],
    second: Annotated[str, typer.Argument(help="Another one.")],
    take: Annotated[str, typer.Argument(help="A take's number in the first one's takes/, or its folder.")],
    generator: Annotated[str, typer.Option(help="The model whose looks are compared.")] = "skies",
) -> None:
    """Tell how two mappings play the same take."""
    from livegan.control import retaking

    retaking.compare(first, second, take, generator, typer.echo)


@app.command()
def picture(
    model: Annotated[str, typer.Argument(help="A bundled model, a file, or pattern.")],
    out: Annotated[Path, typer.Argument(help="A .png, or a .npy with float32 [N, C, H, W] in about [-1, 1].")],
    seed: Annotated[int | None, typer.Option(help="Of the first picture; 0 without --z or --w.")] = None,
    z: Annotated[Path | None, typer.Option(help=".npy with z, [z_dim] or [N, z_dim].")] = None,
    w: Annotated[Path | None, typer.Option(help=".npy with w, for all layers or for each.")] = None,
    class_: Annotated[int | None, typer.Option("--class", help="Of a model with classes.")] = None,
    psi: Annotated[float, typer.Option(help="Truncation.")] = 0.8,
    cutoff: Annotated[int | None, typer.Option(help="Truncate only so many layers.")] = None,
    noise: Annotated[str, typer.Option(help="const, none or random.")] = "const",
    transform: Annotated[Path | None, typer.Option(help=".npy with StyleGAN3's [3, 3] input transform.")] = None,
    sheet: Annotated[str | None, typer.Option(help="Columns x rows of a contact sheet, such as 5x4.")] = None,
) -> None:
    """Draw pictures of a model, exactly."""
    from livegan.control import picturing

    wanted = picturing.Wanted(model, out, seed, z, w, class_, psi, cutoff, noise, transform, sheet)
    picturing.picture(wanted, typer.echo)


@app.command()
def bench(
    model: Annotated[str, typer.Argument(help="A bundled model, or a file.")] = "skies",
    json: Annotated[bool, typer.Option("--json", help="Tell it as JSON.")] = False,
) -> None:
    """Measure how fast each step of a show is here."""
    from livegan.control import benching

    benching.bench(model, json, typer.echo, lambda sentence: typer.echo(sentence, err=True))


@app.command()
def doctor(
    patch: Annotated[str | None, typer.Argument(help="A patch whose needs are looked at too.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Tell it as JSON.")] = False,
    open_: Annotated[bool, typer.Option("--open", help="Take a picture with every camera.")] = False,
) -> None:
    """Tell what works here, what does not, and the line that mends it; exit 1 when something needed is missing."""
    from livegan.control import doctoring

    machine = doctoring.Machine(patch=patch, open=open_)
    if not doctoring.doctor(machine, json, typer.echo, lambda sentence: typer.echo(sentence, err=True)):
        raise typer.Exit(1)


@app.command()
def latency(
    patch: Annotated[str | None, typer.Argument(help="A patch whose camera and stage are taken.")] = None,
    camera: Annotated[str | None, typer.Option(help='Such as "camera:0", instead of the patch\'s.')] = None,
    set_: Annotated[str | None, typer.Option("--set", help='The delay by hand, such as "85 ms".')] = None,
    display: Annotated[str, typer.Option(help="The part of it that the display is known to take.")] = "0 ms",
    flashes: Annotated[int, typer.Option(min=8, max=500, help="How often the stage turns light or dark.")] = 60,
) -> None:
    """Flash the stage, see it by the camera, and keep how long that camera's pictures are on their way."""
    from livegan.control import latency as measuring

    measuring.latency(measuring.Wanted(patch, camera, set_, display, flashes), typer.echo)


@app.command()
def dataset(
    src: Annotated[str, typer.Argument(help="A folder, a zip or a video; or skies, which are painted.")],
    dst: Annotated[Path, typer.Argument(help="The dataset to make, a folder.")],
    size: Annotated[int, typer.Option(help="Pixels, a power of 2 from 32 to 1024.")] = 256,
    count: Annotated[int | None, typer.Option(help="How many skies: 2,000 if not said.")] = None,
    limit: Annotated[int | None, typer.Option(help="At most so many pictures, chosen by the seed.")] = None,
    crop: Annotated[str | None, typer.Option(help="centre, random or none (all of it, on --fill).")] = None,
    fill: Annotated[str | None, typer.Option(help="The colour beside pictures that are not cropped: black.")] = None,
    alpha: Annotated[str | None, typer.Option(help="The colour behind transparent pixels: white.")] = None,
    mirror: Annotated[bool, typer.Option("--mirror", help="Add mirrored copies.")] = False,
    rotate: Annotated[bool, typer.Option("--rotate", help="Add quarter turns.")] = False,
    labels: Annotated[
        bool, typer.Option("--labels", help="Subfolders are classes; of skies, the time of day.")
    ] = False,
    every: Annotated[float | None, typer.Option(help="Of a video, a frame each so many seconds: 1.")] = None,
    frames: Annotated[int | None, typer.Option(help="Of a video, so many frames in all.")] = None,
    hold_out: Annotated[float, typer.Option(help="The share kept for measuring, not trained on.")] = 0.05,
    seed: Annotated[int, typer.Option(help="Of all that is random.")] = 0,
) -> None:
    """Prepare pictures to train on, and tell what was left out and why."""
    from livegan.control import dataset as making

    asked = making.Asked(
        *(src, dst, size, seed, labels, hold_out, count, crop, fill, alpha, mirror, rotate, every, frames, limit)
    )
    making.dataset(asked, typer.echo)


@app.command()
def train(
    dataset: Annotated[Path | None, typer.Argument(help="A folder that livegan dataset made.")] = None,
    out: Annotated[Path | None, typer.Argument(help="Where the training is, or goes on.")] = None,
    preset: Annotated[str | None, typer.Option(help="tiny, live or full; else by the dataset's size.")] = None,
    size: Annotated[int | None, typer.Option(min=8, help="Pixels, instead of the preset's.")] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="How long: 5,000 if not said, 25,000 at most.")] = None,
    kimg: Annotated[float | None, typer.Option(min=0.001, help="Or thousands of pictures, with no limit.")] = None,
    from_: Annotated[str | None, typer.Option("--from", help="A model to start from.")] = None,
    from_discriminator: Annotated[
        Path | None, typer.Option(help="Its discriminator: a .safetensors, or a checkpoint of its training.")
    ] = None,
    freeze_d: Annotated[int | None, typer.Option(min=0, help="Layers of the discriminator that stay.")] = None,
    batch: Annotated[int | None, typer.Option(min=4, help="Pictures of a step.")] = None,
    precision: Annotated[str | None, typer.Option(help="float32, bfloat16 or float16.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or such as cuda:1.")] = "auto",
    seed: Annotated[int | None, typer.Option(min=0, help="Of all that is random.")] = None,
    path_length: Annotated[bool | None, typer.Option("--path-length", help="Smoother ways between looks.")] = None,
    progressive: Annotated[bool | None, typer.Option("--progressive", help="Begin at a quarter of the size.")] = None,
    no_noise: Annotated[bool | None, typer.Option("--no-noise", help="Draw nothing by chance: no grain.")] = None,
    gamma: Annotated[float | None, typer.Option(min=0, help="More where all pictures come out alike.")] = None,
    every: Annotated[int | None, typer.Option(min=1, help="Steps from one checkpoint to the next: 500.")] = None,
    inception: Annotated[Path | None, typer.Option(help="Measure FID with this Inception file of yours.")] = None,
    list_: Annotated[Path | None, typer.Option("--list", help="List the checkpoints of a training.")] = None,
) -> None:
    """Train a generator on pictures of your own; the same command again goes on where it was."""
    from livegan.control import training

    if list_ is not None:
        training.tell_checkpoints(list_, typer.echo)
        return
    if dataset is None or out is None:
        raise BadRequest("train wants a dataset and a folder: livegan train DATASET OUT")
    wanted = training.Wanted(
        *(dataset, out, preset, size, steps, kimg, from_, from_discriminator, freeze_d, batch, precision, device),
        *(seed, path_length, progressive, no_noise, gamma, every, inception),
    )
    training.training(wanted, typer.echo)


@app.command("import-model")
def import_model(
    src: Annotated[Path, typer.Argument(help="A StyleGAN checkpoint (.pkl or .pt).")],
    dst: Annotated[Path, typer.Argument(help="The model to make, a .safetensors file.")],
) -> None:
    """Import a checkpoint from elsewhere, running nothing that is in it."""
    from livegan.control import importing

    importing.import_model(src, dst, typer.echo)


@app.command("import-wekinator")
def import_wekinator(
    project: Annotated[Path, typer.Argument(help="The folder of a Wekinator project.")],
    name: Annotated[str, typer.Argument(help="The mapping to make in mappings/.")],
) -> None:
    """Make a mapping of a Wekinator project, with its examples and trained networks."""
    from livegan.control import wekinator

    wekinator.import_wekinator(project, name, typer.echo)


@app.command("export-wekinator")
def export_wekinator(
    name: Annotated[str, typer.Argument(help="A mapping's folder in mappings/.")],
    out: Annotated[Path, typer.Argument(help="The project's folder to make.")],
) -> None:
    """Write a mapping as a Wekinator project, which Wekinator trains anew."""
    from livegan.control import wekinator

    wekinator.export_wekinator(name, out, typer.echo)


@app.command()
def serve(patch: Annotated[str, typer.Argument(help="A patch with [serve], such as wekinator.")]) -> None:
    """Answer rows of numbers by OSC, as Wekinator does, with no picture."""
    from livegan.control import serving

    serving.serve(patch, typer.echo)


def main() -> None:
    """Run the command line; an error becomes one sentence and an exit status."""
    try:
        app()
    except LiveganError as error:
        _end(str(error), error.exit_code)
    except Exception as error:
        name = type(error).__name__
        _end(f"livegan failed ({name}: {error}); run it with livegan --debug ... to see where, and report it", 1)


def _end(sentence: str, status: int) -> None:
    """Tell and leave; with --debug the traceback instead."""
    if any(_debug):
        raise
    typer.echo(" ".join(sentence.split()), err=True)
    sys.exit(status)


if __name__ == "__main__":
    main()
