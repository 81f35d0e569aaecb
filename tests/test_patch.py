import pytest

from livegan import files, patch
from livegan.errors import BadRequest

GOOD = """
latency = "120 ms"
fps = 25
[input.clock]
kind = "steady"
rate = 30
[mapping.straight]
features = "clock"
outputs = ["clock"]
[generator]
kind = "pattern"
[stage.main]
kind = "offscreen"
size = [320, 240]
[rest]
after = "1 s"
"""


def read(tmp_path, text):
    path = tmp_path / "show.toml"
    path.write_text(text)
    return patch.read(path)


def test_a_patch_is_read_whole(tmp_path):
    plan = read(tmp_path, GOOD)
    assert (plan.latency, plan.fps, plan.rest.after) == (0.12, 25, 1.0)
    assert plan.inputs["clock"].kind == "steady"
    assert plan.stages["main"].settings.size == (320, 240)
    assert plan.generator.kind == "pattern"
    assert plan.mappings["straight"].outputs == ("clock",)
    assert (plan.keys, plan.control) == ({}, patch.ControlSettings())


def test_keys_and_control_are_read(tmp_path):
    tables = '[keys]\nf5 = "teach 5"\n"[" = ""\n[control]\nport = 9000\nlisten = "lan"\nsenders = ["10.0.0.0/24"]\n'
    plan = read(tmp_path, GOOD + tables)
    assert plan.keys == {"f5": "teach 5", "[": ""}
    assert (plan.control.on, plan.control.port, plan.control.host) == (True, 9000, "0.0.0.0")
    assert plan.control.admits("10.0.0.7")
    assert not plan.control.admits("10.0.1.7")


def test_commands_are_heard_from_this_machine_alone_unless_the_patch_says_more(tmp_path):
    control = read(tmp_path, GOOD).control
    assert (control.on, control.port, control.host) == (True, 7770, "127.0.0.1")
    assert not read(tmp_path, "[control]\non = false\n").control.on


def test_an_empty_patch_is_a_show_with_nothing_but_rest(tmp_path):
    plan = read(tmp_path, "")
    assert plan.latency is None
    assert plan.generator.kind == "pattern"


@pytest.mark.parametrize(
    ("wrong", "right", "says"),
    [
        ('kind = "steady"', 'kind = "stedy"', ["input.clock.kind", '"stedy"', 'did you mean "steady"']),
        ('kind = "steady"', "", ["input.clock", "kind is missing", "pose"]),
        ("rate = 30", "rtae = 30", ["input.clock.rtae", "unknown key", 'did you mean "rate"']),
        ("rate = 30", "rate = nan", ["input.clock.rate", "finite"]),
        ('latency = "120 ms"', "latency = -0.1", ["latency", "0 to 5 seconds", "-0.1"]),
        ('latency = "120 ms"', 'latency = "soon"', ["latency"]),
        ("fps = 25", 'fps = "fast"', ["fps", "'fast'"]),
        ("fps = 25", "fsp = 25", ["fsp", 'did you mean "fps"']),
        ('kind = "pattern"', 'model = "clouds"', ["generator.model", '"clouds"']),
        ('kind = "pattern"', 'kind = "pixelmator"', ["generator.kind", '"pixelmator"', "pattern"]),
        ('kind = "offscreen"', 'kind = "../../etc/passwd"', ["stage.main.kind"]),
        ("size = [320, 240]", "size = [320]", ["stage.main.size"]),
        ('after = "1 s"', 'after = "1 parsec"', ["rest.after", "1 parsec"]),
        ('after = "1 s"', 'aftr = "1 s"', ["rest.aftr", 'did you mean "after"']),
        ('features = "clock"', 'feature = "clock"', ["mapping.straight.feature", 'did you mean "features"']),
        ("[input.clock]", '[input."../clock"]', ["../clock"]),
        ("fps = 25", "fps = = 25", ["not valid TOML"]),
        ("[rest]", "[keys]\nf5 = 5\n[rest]", ["keys.f5", "found 5", "string"]),
        ("[rest]", "[control]\nport = 0\n[rest]", ["control.port", "found 0"]),
        ("[rest]", "[control]\nprot = 9000\n[rest]", ["control.prot", 'did you mean "port"']),
        ("[rest]", '[control]\nlisten = "lan"\n[rest]', ["control", "senders ="]),
        ("[rest]", '[control]\nsenders = ["everybody"]\n[rest]', ["control.senders", "everybody"]),
    ],
)
def test_a_wrong_patch_is_one_sentence_with_file_key_and_what_would_be_right(tmp_path, wrong, right, says):
    with pytest.raises(BadRequest) as error:
        read(tmp_path, GOOD.replace(wrong, right, 1))
    text = str(error.value)
    assert "show.toml" in text
    assert all(word in text for word in says), text
    assert "\n" not in text


def test_a_missing_clip_is_told(tmp_path):
    with pytest.raises(BadRequest, match=r"input\.body\.source.*nowhere\.mp4"):
        read(tmp_path, '[input.body]\nkind = "pose"\nsource = "clip:nowhere.mp4"\n')


@pytest.mark.parametrize("path", sorted(files.bundled("patches").glob("*.toml")), ids=lambda p: p.stem)
def test_every_bundled_patch_is_right(path):
    plan = patch.read(path)
    assert plan.inputs or plan.serve


def test_a_kind_that_is_no_file_of_the_room_is_never_imported():
    for kind in ("base", "os", "..patch", "pose.extra", "", "__init__"):
        with pytest.raises(BadRequest):
            patch.load_class("inputs", kind)


def test_a_mapping_may_say_which_layers_and_how_smooth(tmp_path):
    table = 'layers = {}\nsmooth = "120 ms"\noutputs = "pca:8"\n'
    plan = read(tmp_path, "[mapping.a]\n" + table.format('"coarse"') + "[mapping.b]\n" + table.format("[2, 5]"))
    assert [one.layers for one in plan.mappings.values()] == ["coarse", (2, 5)]
    assert {(one.smooth, one.outputs) for one in plan.mappings.values()} == {(0.12, "pca:8")}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('outputs = "pca"', r'"pca:16" or a list of names, found "pca"'),
        ('outputs = "pca:0"', r'"pca:16" or a list of names, found "pca:0"'),
        ('layers = "all"', r"mapping\.a\.layers: found 'all'"),
        ("layers = [5, 2]", r"layers are \[first, last\], found \[5, 2\]"),
        ("layers = [-1, 2]", r"mapping\.a\.layers"),
        ('smooth = "soft"', r'mapping\.a\.smooth: a time such as 0\.5, "500 ms"'),
        ("smooth = 60", r"mapping\.a\.smooth: found 60"),
    ],
)
def test_what_a_mapping_cannot_do_is_told(tmp_path, line, told):
    with pytest.raises(BadRequest, match=told):
        read(tmp_path, f"[mapping.a]\n{line}\n")


def test_what_is_sent_where(tmp_path):
    plan = read(tmp_path, GOOD + '[send.light]\nto = "localhost:9000"\nmapping = "straight"\neach = true\n')
    assert plan.sends["light"].model_dump() == {
        "to": "127.0.0.1:9000",
        "address": "/wek/outputs",
        "mapping": "straight",
        "features": (),
        "each": True,
        "rate": "picture",
    }
    six = read(tmp_path, GOOD + '[send.light]\nto = "[::1]:9000"\nfeatures = "clock"\nrate = "input"\n').sends["light"]
    assert (six.to, six.features, six.rate) == ("[::1]:9000", "clock", "input")


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('to = "light.local:9000"\nmapping = "straight"', r'a numeric host or localhost .*found "light.local"'),
        ('to = "127.0.0.1"\nmapping = "straight"', r'a place is "HOST:PORT"'),
        ('to = "127.0.0.1:9000"', "say what is sent: either mapping or features"),
        ('to = "127.0.0.1:9000"\nmapping = "straight"\nfeatures = "clock"', "either mapping or features"),
        ('to = "127.0.0.1:9000"\nmapping = "gone"', r'send\.light\.mapping: there is no "gone"; there are straight'),
        ('to = "127.0.0.1:9000"\nmapping = "straight"\naddress = "no"', "address"),
        ('mapping = "straight"', r"send\.light\.to: is missing"),
    ],
)
def test_what_cannot_be_sent_is_told(tmp_path, lines, told):
    with pytest.raises(BadRequest, match=told):
        read(tmp_path, f"{GOOD}[send.light]\n{lines}\n")
