"""The patch, and the page that tells other programs what to send: both say what is there, and nothing else."""

import re
import tomllib
from pathlib import Path

import pytest

from livegan import files, patch
from livegan.errors import BadRequest
from livegan.patch import ServeSettings
from livegan.serving.control import CONTROL

PAGE = (Path(__file__).parent.parent.parent / "docs" / "wekinator.md").read_text("utf-8")


def test_every_message_is_on_the_page_and_no_other():
    table = PAGE.split("## Control messages")[1].split("| --- | --- | --- |")[1].split("\n\n")[0]
    firsts = " ".join(row.split("|")[1] for row in table.strip().splitlines())
    assert set(re.findall(r"`(\w+)`", firsts)) == {*CONTROL}


def test_sketches_send_only_what_there_is():
    sent = re.findall(r"/wekinator/control/(\w+)", PAGE)
    sent += re.findall(r'tell\("(\w+)"\)', PAGE) + re.findall(r'"(start\w+|stop\w+|train)"', PAGE)
    assert len(sent) > 15
    assert {*sent} <= {*CONTROL}


def test_the_tables_on_the_page_and_in_the_patch_are_right():
    told = tomllib.loads(PAGE.split("```toml\n")[1].split("```")[0])["serve"]
    settings = ServeSettings.model_validate(told)
    assert (settings.port, settings.reply) == (6448, "127.0.0.1:12000")
    served = patch.read(files.find("patches", "wekinator", suffix=".toml")).serve
    assert (served.port, served.address, served.reply_address) == (6448, "/wek/inputs", "/wek/outputs")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ('reply = "12000"', "HOST:PORT"),
        ('reply = "localhost:0"', "HOST:PORT"),
        ('address = "wek"', "address must start with /"),
        ("inputs = 0", "serve.inputs"),
        ("inputs = []", "serve.inputs"),
        ("prot = 6448", 'did you mean "port"'),
        ('listen = "lan"', "senders"),
        ('type = "colour"', "serve.type"),
    ],
)
def test_a_wrong_table_is_one_sentence(tmp_path, wrong, says):
    (tmp_path / "own.toml").write_text(f"[serve]\n{wrong}\n")
    with pytest.raises(BadRequest) as error:
        patch.read(tmp_path / "own.toml")
    assert says in str(error.value)
    assert "\n" not in str(error.value)
