"""The rules of a session, with real files and fits; what the real program did is in test_replay."""

import numpy as np
import pytest

from livegan.errors import BadRequest, Failure
from livegan.mapping import fitted
from livegan.mapping.examples import FILE, Examples
from livegan.mapping.fit import fit
from livegan.mapping.mapping import MappingSettings, read_settings, write_settings
from livegan.mapping.outputs import OutputSettings
from tests.serving.desk import Desk, errors, notes

LOW, HIGH = [[0, 0], [0.1, 0], [0, 0.1]], [[1, 1], [0.9, 1], [1, 0.9]]
DONE = ["/wekinator/status/done-training"]


def addresses(said):
    return [out.address for out in said if out.to != "terminal"]


def values(said):
    (out,) = said
    assert out.address == "/wek/outputs"
    return list(out.values)


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path / "mappings", inputs=2, outputs=2)


@pytest.fixture
def running(desk):
    desk.record(LOW, [0.2, 0.9])
    desk.record(HIGH, [0.8, 0.1])
    assert addresses(desk.say("train")) == DONE
    assert desk.say("startRunning") == []
    return desk


def on_disk(desk):
    with Examples.read_only(desk.session.project.folder / FILE) as examples:
        return examples.read()


def test_nothing_is_answered_or_written_before_anything_was_asked(desk):
    assert desk.row(0, 0) == []
    desk.say("startRecording")
    desk.say("stopRecording")
    assert not desk.session.project.folder.exists()


def test_what_was_taught_is_played_and_lies_on_disk(running):
    assert values(running.row(0, 0)) == pytest.approx([0.2, 0.9], abs=0.1)
    assert values(running.row(1, 1)) == pytest.approx([0.8, 0.1], abs=0.1)
    taught = on_disk(running)
    np.testing.assert_array_equal(taught.rows, np.float32(LOW + HIGH))
    np.testing.assert_array_equal(taught.outputs, np.float32([[0.2, 0.9]] * 3 + [[0.8, 0.1]] * 3))
    assert len(set(taught.rounds)) == 2


def test_another_start_goes_on_with_it_and_runs_at_once(running):
    before = values(running.row(0.3, 0.3))
    again = Desk(running.shelf.root, inputs=2, outputs=2)
    assert values(again.row(0.3, 0.3)) == before
    again.record([[0.5, 0.5]], [0.0, 0.0])
    assert len(on_disk(again).rows) == 7
    assert addresses(again.say("train")) == DONE


def test_another_number_of_inputs_than_there_was_is_told_at_the_start(running):
    with pytest.raises(BadRequest, match=r"serve\.inputs: the patch has 3"):
        Desk(running.shelf.root, inputs=3)


def test_a_fit_that_does_not_belong_there_is_told_and_can_be_made_again(running):
    folder = running.session.project.folder
    write_settings(
        folder, read_settings(folder).model_copy(update={"output": {"out_1": OutputSettings(model="linear")}})
    )
    again = Desk(running.shelf.root, inputs=2)
    assert "out_1" in errors(again.posted())[0]
    assert again.row(0, 0) == []
    assert addresses(again.say("train")) == DONE


def test_outputs_that_are_not_recorded_are_missing_in_the_rows(desk):
    desk.say("disableModelRecording", 2)
    desk.record(LOW, [0.2, 0.9])
    assert np.isnan(np.array(on_disk(desk).outputs)[:, 1]).all()
    desk.say("train")
    desk.say("startRunning")
    desk.say("outputs", 0.0, 0.4)
    assert values(desk.row(0, 0)) == pytest.approx([0.2, 0.4], abs=0.01)


def test_recording_outranks_running_and_running_does_not_resume(running):
    running.say("startRecording")
    assert running.row(0, 0) == []
    running.say("stopRecording")
    assert running.row(0, 0) == []
    running.say("startRecording")
    running.say("startRunning")
    assert len(running.row(0, 0)) == 1
    assert len(on_disk(running).rows) == 7


def test_old_models_play_until_all_new_ones_are_there(running):
    before = values(running.row(0, 0))
    running.record(LOW, [1.0, 0.0])
    running.say("startRunning")
    running.fitter.holds = True
    assert running.say("train") == []
    assert values(running.row(0, 0)) == before
    assert "going on" in errors(running.say("train"))[0]
    assert "going on" in errors(running.say("startRunning"))[0]
    running.fitter.go_on()
    assert addresses(running.posted()) == DONE
    after = values(running.row(0, 0))
    assert all(abs(a - b) > 0.1 for a, b in zip(after, before, strict=True))


def test_cancelled_training_changes_nothing(running):
    before = values(running.row(0, 0))
    running.record(LOW, [1.0, 0.0])
    running.say("startRunning")
    running.fitter.holds = True
    running.say("train")
    assert addresses(running.say("cancelTrain")) == DONE
    running.fitter.go_on()
    assert running.posted() == []
    assert values(running.row(0, 0)) == before
    assert "nothing is being trained" in errors(running.say("cancelTrain"))[0]


def test_what_a_person_wrote_into_mapping_toml_stays_while_nothing_else_is_asked_for(running):
    path = running.session.project.folder / "mapping.toml"
    path.write_text(f"# mine\n{path.read_text()}")
    again = Desk(running.shelf.root)
    again.say("train")
    assert path.read_text().startswith("# mine")
    again.say("selectInputsForOutput", 1, 1)
    again.say("train")
    assert read_settings(path.parent).output["out_1"].features == ["in_1"]


def test_what_is_recorded_while_a_fit_is_made_is_in_the_fit(running):
    running.fitter.holds = True
    running.say("train")
    running.record(LOW, [1.0, 0.0])
    running.fitter.holds = False
    running.fitter.go_on()
    assert addresses(running.posted()) == DONE
    assert running.session.project.players["out_1"].mapping.version == on_disk(running).version


def test_whoever_records_without_an_end_gets_a_fit_all_the_same(running):
    asked, carry_out = [], running.fitter._carry_out
    running.fitter._carry_out = lambda letter: asked.append(letter) or carry_out(letter)
    running.fitter.holds = True
    running.say("train")
    running.record(LOW, [1.0, 0.0])
    running.fitter.go_on()
    assert addresses(running.posted()) == DONE
    assert len(asked) == 1


def test_how_good_a_fit_is_is_told_in_the_terminal(running):
    running.record(LOW, [0.2, 0.9])
    (sentence,) = notes(running.say("train"))
    assert sentence.startswith("wekinator: fitted to 9 examples; it misses them by ")
    assert "out_2: misses a round that it was not taught by " in sentence


def test_training_that_fails_says_so_and_the_old_models_play_on(running):
    before = values(running.row(0, 0))
    running.say("deleteExamplesForOutput", 1)
    folder = running.session.project.folder
    running.session.project.change(1, model="nosuch")
    said = running.say("train")
    assert addresses(said) == ["/livegan/error", *DONE]
    assert "nosuch" in errors(said)[0]
    assert values(running.row(0, 0)) == before
    assert folder.is_dir()


def test_a_disk_that_refuses_is_told(desk):
    (desk.shelf.root.parent / "mappings").write_text("no folder")
    desk.say("startRecording")
    assert errors(desk.row(0, 0))


def test_what_a_disk_refused_is_written_with_the_next_row_once_it_lets_us(desk):
    refusing = desk.shelf.root.parent / "mappings"
    refusing.write_text("no folder")
    desk.say("startRecording")
    assert len(errors(desk.row(0, 0))) == 1
    refusing.unlink()
    assert desk.row(0.5, 0.5) == []
    np.testing.assert_array_equal(on_disk(desk).rows, np.float32([[0, 0], [0.5, 0.5]]))


def test_a_disk_that_goes_on_refusing_is_asked_ever_more_seldom_and_at_the_end(desk):
    refusing = desk.shelf.root.parent / "mappings"
    refusing.write_text("no folder")
    desk.say("startRecording")
    told = [len(errors(desk.row(number, 0))) for number in range(20)]
    assert 2 < sum(told) < 8
    refusing.unlink()
    assert desk.say("stopRecording") == []
    assert len(on_disk(desk).rows) == 20


def test_a_mapping_that_can_never_be_begun_is_told_ever_more_seldom_and_its_rows_are_written(running):
    folder = running.session.project.folder
    settings = read_settings(folder)
    write_settings(folder, settings.model_copy(update={"features": ["x", "y"]}))
    again = Desk(running.shelf.root)
    again.say("startRecording")
    told = [errors(again.row(number, 0)) for number in range(20)]
    assert 2 < sum(map(len, told)) < 8
    assert len(errors(again.say("stopRecording"))) == 1
    assert len(on_disk(again).rows) == 26


def test_a_round_that_could_not_be_begun_is_begun_again(desk):
    begins = desk.scribe._does["round"]

    def refuses(letter):
        desk.scribe._does["round"] = begins
        raise Failure("the disk is full")

    desk.scribe._does["round"] = refuses
    desk.say("startRecording")
    assert errors(desk.row(0, 0)) == ["the disk is full"]
    assert desk.row(1, 1) == []
    assert desk.say("deleteExamplesForOutput", 1) == []
    np.testing.assert_array_equal(on_disk(desk).rows, np.float32([[0, 0], [1, 1]]))


def test_what_is_not_on_disk_yet_is_not_forgotten_when_the_mapping_is_opened_once_more(running):
    running.writing.holds = True
    running.record(LOW, [0.0, 0.0])
    running.say("runNewProject", "wekinator")
    running.record(HIGH, [1.0, 1.0])
    running.writing.holds = False
    running.writing.go_on()
    assert running.posted() == []
    taught = on_disk(running)
    np.testing.assert_array_equal(taught.rows, np.float32([*LOW, *HIGH] * 2))
    assert len(set(taught.rounds)) == 4


def test_inputs_of_any_range_are_heard_and_the_files_alone_give_the_same_fit(tmp_path):
    desk = Desk(tmp_path / "mappings", inputs=3, outputs=1)
    ranges = np.array([0.02, 1.0, 1000.0])
    shares = np.random.default_rng(1).random((60, 3))
    wanted = shares[:, 0]
    for share, value in zip(shares[:40], wanted, strict=False):
        desk.record([list(share * ranges)], [value])
    desk.say("train")
    desk.say("startRunning")
    given = [values(desk.row(*(share * ranges)))[0] for share in shares[40:]]
    assert np.sqrt(np.mean((given - wanted[40:]) ** 2)) < 0.15 * wanted.std()
    folder = desk.session.project.folder
    before = (folder / fitted.FILE).read_bytes()
    fit(folder)
    assert (folder / fitted.FILE).read_bytes() == before


def test_deleted_examples_are_left_out_and_not_lost(running):
    assert running.say("deleteAllExamples") == []
    assert "no examples" in errors(running.say("train"))[0]
    assert len(running.row(0, 0)) == 1
    with Examples.read_only(running.session.project.folder / FILE) as examples:
        assert [(one.kept, one.count) for one in examples.rounds()] == [(False, 3), (False, 3)]


def test_examples_of_one_output_are_forgotten_while_others_keep_theirs(running):
    running.say("deleteExamplesForOutput", 2)
    wanted = np.array(on_disk(running).outputs)
    assert np.isnan(wanted[:, 1]).all()
    np.testing.assert_array_equal(wanted[:, 0], np.float32([0.2] * 3 + [0.8] * 3))
    running.say("train")
    assert values(running.row(0, 0))[1] == 0.0
    assert running.say("deleteExamplesForOutput", 2) == []


def test_deleting_while_recording_goes_on_recording(desk):
    desk.say("startRecording")
    desk.row(0, 0)
    desk.say("deleteExamplesForOutput", 1)
    desk.row(1, 1)
    desk.say("deleteAllExamples")
    assert desk.row(0.5, 0.5) == []
    np.testing.assert_array_equal(on_disk(desk).rows, np.float32([[0.5, 0.5]]))


def test_an_output_that_does_not_run_holds_its_value_and_is_sent(running):
    running.say("disableModelRunning", 1)
    running.say("outputs", 0.33, 0.0)
    assert values(running.row(1, 1)) == pytest.approx([0.33, 0.1], abs=0.1)
    running.say("enableModelRunning", 1)
    assert values(running.row(1, 1))[0] == pytest.approx(0.8, abs=0.1)


def test_one_wrong_number_refuses_the_whole_message(running):
    assert "1 to 2" in errors(running.say("disableModelRunning", 1, 3))[0]
    assert all(one.run for one in running.session.project.outputs.values())


def test_an_output_is_told_of_the_inputs_that_were_selected_from_the_next_training_on(running):
    before = values(running.row(0, 1))
    running.say("selectInputsForOutput", 1, 1)
    assert values(running.row(0, 1)) == before
    running.say("train")
    assert values(running.row(0, 0))[0] == values(running.row(0, 1))[0]
    assert values(running.row(0, 0))[1] != values(running.row(0, 1))[1]
    assert read_settings(running.session.project.folder).output["out_1"].features == ["in_1"]


def test_names_say_how_many_there_are_until_something_is_recorded(desk):
    assert desk.say("setInputNames", "x", "y", "z") == []
    assert desk.say("setOutputNames", "glow") == []
    assert desk.say("startRecording") == []
    assert desk.row(1, 2, 3) == []
    assert "before anything is recorded" in errors(desk.say("setOutputNames", "a", "b"))[0]
    assert "all different" in errors(desk.say("setInputNames", "a", "a"))[0]
    assert read_settings(desk.session.project.folder).outputs == ["glow"]


def test_inputs_that_were_selected_keep_their_places_under_new_names(desk):
    desk.say("selectInputsForOutput", 1, 2)
    assert desk.say("setInputNames", "x", "y", "z") == []
    assert desk.say("startRecording") == []
    desk.row(1, 2, 3)
    assert read_settings(desk.session.project.folder).output["out_1"].features == ["y"]


def test_an_output_that_was_added_to_a_taught_mapping_is_one_that_was_not_recorded(running):
    folder = running.session.project.folder
    settings = read_settings(folder)
    write_settings(folder, settings.model_copy(update={"outputs": ["out_1", "out_2", "new"], "model": "each"}))
    again = Desk(running.shelf.root)
    assert "nothing to save" not in errors(again.say("train"))
    assert again.say("deleteExamplesForOutput", 3) == []
    assert "there is nothing to save" in errors(again.say("saveModelToFile", 3, "new"))[0]
    assert again.say("deleteExamplesForOutput", 1) == []
    assert np.isnan(np.array(on_disk(again).outputs)[:, [0, 2]]).all()
    assert again.say("saveModelToFile", 2, "old") == []


def test_what_the_patch_says_of_another_mapping_than_there_is_is_told(running):
    assert [one.split()[0] for one in notes(Desk(running.shelf.root, outputs=3).posted())] == ["serve.outputs"]
    other = Desk(running.shelf.root, inputs=["x", "y"], outputs=["out_1", "out_2"], type="class", classes=2)
    told = notes(other.posted())
    assert [one.split()[0] for one in told] == ["serve.inputs", "serve.type", "serve.classes"]
    assert notes(Desk(running.shelf.root, inputs=2, outputs=2, type="number", model="rbf").posted()) == []


def test_limits_hold_what_an_output_may_be_set_to(tmp_path):
    table = {"a": OutputSettings(limits="hard"), "b": OutputSettings(type="class", classes=3)}
    settings = MappingSettings(features=["x"], outputs=["a", "b"], model="each", output=table)
    write_settings(tmp_path / "mappings" / "wekinator", settings)
    desk = Desk(tmp_path / "mappings")
    assert list(desk.session.values) == [0, 1]
    assert '"a"' in errors(desk.say("outputs", 1.5, 2))[0]
    assert list(desk.session.values) == [0, 2]
    assert '"b"' in errors(desk.say("outputs", 0.5, 4))[0]
    assert list(desk.session.values) == [0.5, 2]


def test_probabilities_of_classes_follow_the_outputs(tmp_path):
    table = {"my pose": OutputSettings(type="class", classes=2, probabilities=True, params={"smoothed": True})}
    settings = MappingSettings(features=["x"], outputs=["my pose"], output=table)
    write_settings(tmp_path / "mappings" / "wekinator", settings)
    desk = Desk(tmp_path / "mappings")
    desk.record([[0.0], [0.1]], [1])
    desk.record([[1.0], [0.9]], [2])
    desk.say("train")
    desk.say("startRunning")
    said = desk.row(0.95)
    assert addresses(said) == ["/wek/outputs", "/my_pose"]
    assert list(said[0].values) == [2]
    assert len(said[1].values) == 3
    assert np.argmax(said[1].values) == 2


def test_a_kept_model_is_taken_back_with_its_examples_and_trained_no_more(running):
    first = values(running.row(0, 0))[0]
    assert running.say("saveModelToFile", 1, "/home/anna/glow.xml") == []
    running.say("deleteAllExamples")
    running.record(LOW, [0.7, 0.7])
    running.say("train")
    running.say("startRunning")
    assert values(running.row(0, 0))[0] != pytest.approx(first, abs=0.01)
    assert addresses(running.say("loadModelFromFile", 1, "glow.xml", "WITHDATA")) == ["/wek/outputs", *DONE]
    assert values(running.row(0, 0))[0] == first
    wanted = np.array(on_disk(running).outputs)
    assert np.isnan(wanted[3:, 1]).all()
    np.testing.assert_array_equal(wanted[3:, 0], np.float32([0.2] * 3 + [0.8] * 3))
    running.say("train")
    assert values(running.row(0, 0))[0] == first
    again = Desk(running.shelf.root)
    assert again.posted() == []
    assert values(again.row(0, 0)) == values(running.row(0, 0))


@pytest.mark.parametrize("name", ["", "..", "../..", "a/..", "/etc/.hidden", "\0", "a\nb"])
def test_no_file_can_be_named_that_is_not_a_model_of_the_mapping(running, name):
    before = sorted(running.shelf.root.parent.rglob("*"))
    for control in ("saveModelToFile", "loadModelFromFile"):
        assert len(errors(running.say(control, 1, name))) == 1
    assert len(errors(running.say("runNewProject", name))) == 1
    assert sorted(running.shelf.root.parent.rglob("*")) == before


def test_a_file_that_is_no_model_is_refused(running):
    running.say("saveModelToFile", 1, "good")
    models = running.session.project.folder / "models"
    data = (models / "good.safetensors").read_bytes()
    for place in range(0, len(data), 97):
        (models / "bad.safetensors").write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        assert len(running.say("loadModelFromFile", 1, "bad")) in (1, 2)
        assert np.isfinite(values(running.row(0, 0))).all()
    (models / "bad.safetensors").write_bytes(data[: len(data) // 2])
    assert "not a whole model" in errors(running.say("loadModelFromFile", 1, "bad"))[0]
    assert "there is no model other" in errors(running.say("loadModelFromFile", 1, "other"))[0]


def test_another_project_is_run_by_its_name(running):
    other = Desk(running.shelf.root, inputs=1, outputs=1, mapping="other")
    other.record([[0.0]], [0.5])
    other.say("train")
    assert addresses(running.say("runNewProject", "C:\\sketches\\other.wekproj", "CLOSECURRENT")) == DONE
    assert values(running.row(0.0)) == pytest.approx([0.5], abs=0.01)
    assert "no mapping" in errors(running.say("runNewProject", "nowhere"))[0]
    assert len(running.row(0.0)) == 1


def test_a_gesture_is_unlearnt_with_its_examples(tmp_path):
    desk = Desk(tmp_path / "mappings", inputs=1, outputs=["move"], type="gesture", classes=2)
    for gesture, way in ((1, 1.0), (2, -1.0)):
        desk.say("startDtwRecording", gesture)
        for step in range(8):
            assert desk.row(way * step) == []
        assert addresses(desk.say("stopDtwRecording")) == []
    desk.say("startRunning")
    said = [out for step in range(8) for out in desk.row(-step)]
    assert "/move_2" in addresses(said)
    assert addresses(desk.say("deleteExamplesForOutput", 2)) == []
    said = [out for step in range(8) for out in desk.row(-step)]
    assert said
    assert all(out.values[1] == np.inf for out in said if out.address == "/wek/outputs")
    desk.say("deleteAllExamples")
    assert desk.row(0) == []
    assert "nothing was taught" in errors(desk.say("stopDtwRecording"))[0]


def test_how_far_a_gesture_is_done_is_sent_when_it_is_asked_for_and_its_own_message(tmp_path):
    own = OutputSettings(type="gesture", classes=1, probabilities=True, messages=["/jump"])
    write_settings(tmp_path / "own", MappingSettings(features=["x"], outputs=["move"], output={"move": own}))
    desk = Desk(tmp_path, mapping="own")
    desk.say("startDtwRecording", 1)
    for step in range(8):
        desk.row(step)
    desk.say("stopDtwRecording")
    desk.say("startRunning")
    said = [out for step in range(8) for out in desk.row(step)]
    assert {*addresses(said)} == {"/wek/outputs", "/move/phase", "/jump"}
    phases = [out.values[0] for out in said if out.address == "/move/phase"]
    assert phases[0] < 0.5
    assert phases[-1] == 1.0


def test_gestures_need_one_output(tmp_path):
    with pytest.raises(BadRequest, match="one output"):
        Desk(tmp_path, inputs=1, outputs=2, type="gesture", classes=2)
    with pytest.raises(BadRequest, match="classes = 3"):
        Desk(tmp_path, inputs=1, outputs=1, type="gesture")


def test_a_mapping_of_looks_cannot_be_served(tmp_path):
    write_settings(tmp_path / "wekinator", MappingSettings(features=["x"], outputs="anchors"))
    with pytest.raises(BadRequest, match="outputs"):
        Desk(tmp_path)
