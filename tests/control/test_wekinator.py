"""The commands that take Wekinator's projects in and give them out."""

import pytest

from livegan.control.wekinator import export_wekinator, import_wekinator
from livegan.errors import BadRequest
from tests.mapping.wekinator.projects import DTW, REGRESSION


@pytest.mark.parametrize("project", [REGRESSION, DTW], ids=["numbers", "gestures"])
def test_a_project_goes_in_and_out(tmp_path, monkeypatch, project):
    monkeypatch.chdir(tmp_path)
    said = []
    import_wekinator(project, "dancing", said.append)
    assert (tmp_path / "mappings/dancing/mapping.toml").is_file()
    export_wekinator("dancing", tmp_path / "out", said.append)
    assert (tmp_path / "out/dancing.wekproj").is_file()
    assert said[0].startswith(f"{project.name} is the mapping dancing now")
    assert sum(line.startswith("- ") for line in said) == len(said) - 2


@pytest.mark.parametrize("name", ["../dancing", "/dancing", "a/b", "", ".", "..", ".hidden", "a\nb", "x" * 300])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadRequest, match="plain name"):
        import_wekinator(REGRESSION, name, print)
    assert not list(tmp_path.iterdir())


def test_no_project_and_no_mapping_are_one_sentence(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadRequest, match=r"\.wekproj"):
        import_wekinator(tmp_path, "dancing", print)
    with pytest.raises(BadRequest, match="no mapping"):
        export_wekinator("dancing", tmp_path / "out", print)
