"""Wekinator's XML: read as it is, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan.errors import BadRequest
from livegan.mapping.wekinator.markup import parsed
from tests.hostile.wekinator import COUNTS, XML
from tests.mapping.wekinator.projects import refused


@pytest.mark.parametrize("text", XML.values(), ids=XML.keys())
def test_what_wekinator_never_wrote_is_refused(text):
    with pytest.raises(BadRequest):
        parsed(text.replace("{root}", "Path").encode(), "Path").words("name")


def test_names_of_xstream_and_windows_letters_are_read():
    root = parsed("<a><b__c>M\xfcller</b__c><d_-e>1</d_-e></a>".encode("cp1252"), "a")
    assert root.word("b_c") == "Müller"
    assert root.whole("d$e", 0, 1) == 1


def test_an_encoding_that_is_declared_is_not_believed():
    assert parsed('<?xml version="1.0" encoding="UTF-16"?><a><b>ü</b></a>'.encode(), "a").word("b") == "ü"


@pytest.mark.parametrize("count", COUNTS)
def test_counts_that_cannot_be_are_refused(count):
    with pytest.raises(BadRequest):
        parsed(f"<a><n>{count}</n></a>", "a").whole("n", 1, 1000)


@pytest.mark.parametrize("told", ["1.0", "-2.5", "1.0E-5", "3"])
def test_numbers_as_java_writes_them(told):
    assert parsed(f"<a><n>{told}</n></a>", "a").number("n") == float(told)


def test_what_is_skipped_is_neither_kept_nor_counted():
    text = f"<a><data>{'<x><data/></x>' * 250_000}</data><b>1</b></a>"
    root = parsed(text, "a", skipped="data")
    assert [one.name for one in root.children] == ["b"]


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_any_bytes_are_xml_or_one_sentence(data):
    assert "\n" not in refused(parsed, data, "Path")
