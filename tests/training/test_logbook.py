"""The log has each step once, whatever happened, and is read back as it was written."""

from livegan.training.logbook import Line, Log, read


def filled(path, steps, upto=-1):
    log = Log(path, upto)
    for step in steps:
        log.note({"d_loss": 1.0 / step, "g_loss": 2.0, "r1": 0.5 * (step % 2), "pl": 0.0, "ada_p": 0.1, "pictures": 8})
        log.line(step, 8 * step, 0.5 * step, 12.5, quality=9.0 if step == 2 else None)
    log.write()
    return log


def test_it_is_read_as_it_was_written(tmp_path):
    log = filled(tmp_path / "log.csv", [1, 2, 4])
    assert read(tmp_path / "log.csv") == log.lines
    assert [line.quality for line in log.lines] == [None, 9.0, None]
    assert log.lines[0] == Line(1, 8, 0.5, d_loss=1.0, g_loss=2.0, r1=0.5, ada_p=0.1, speed=12.5)


def test_lines_are_means_and_what_was_not_measured_is_left_out(tmp_path):
    log = Log(tmp_path / "log.csv", -1)
    for r1 in (0.0, 0.25, 0.0, 0.75):
        log.note({"d_loss": r1, "r1": r1, "pl": 0.0})
    log.line(4, 32, 1.0, None)
    assert (log.lines[0].d_loss, log.lines[0].r1, log.lines[0].pl) == (0.25, 0.5, None)


def test_going_on_from_a_checkpoint_writes_no_step_twice(tmp_path):
    filled(tmp_path / "log.csv", [1, 2, 3, 4, 5])
    filled(tmp_path / "log.csv", [3, 4, 5, 6], upto=2)
    assert [line.step for line in read(tmp_path / "log.csv")] == [1, 2, 3, 4, 5, 6]


def test_what_is_no_line_is_left_out(tmp_path):
    path = tmp_path / "log.csv"
    filled(path, [1, 2, 3])
    text = path.read_text()
    path.write_text(text + "3,24\n\x00\x00\n2,8,1,,,,,,,,\n" + text.splitlines()[-1][:9])
    assert [line.step for line in read(path)] == [1, 2, 3]
    path.write_bytes(b"\xff\xfe nothing")
    assert read(path) == []
    assert read(tmp_path / "gone.csv") == []


def test_what_is_measured_later_stands_in_the_last_line(tmp_path):
    log = filled(tmp_path / "log.csv", [1, 2])
    log.measured(12.5)
    log.write()
    assert [line.fid for line in read(tmp_path / "log.csv")] == [None, 12.5]
    assert (tmp_path / "log.csv").read_text().splitlines()[-1].endswith(",9,12.5")


def test_a_number_that_is_none_is_written_as_nothing(tmp_path):
    log = Log(tmp_path / "log.csv", -1)
    log.line(1, 8, 0.5, float("nan"), None)
    log.write()
    assert "nan" not in (tmp_path / "log.csv").read_text()
