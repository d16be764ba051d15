"""Envelopes: what is sent says what was meant whatever the text, and what comes back is read without trust."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mksync.vendors.salesforce import soap
from mksync.wire.reply import UnexpectedReply

NAME = "{urn:partner.soap.sforce.com}opportunityName"
HOSTILE = ["</urn:opportunityName><urn:x>", "]]>", "<!-- ", "&lt;&amp;", "a\"b'c", "é\u202e😀", "  x  "]
UNSENDABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_back(text: str) -> str:
    body = soap.convert_lead("session", {"opportunityName": text}, save_duplicates=False)
    (found,) = ElementTree.fromstring(body).iter(NAME)
    return found.text or ""


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_stays_one_text(text: str) -> None:
    assert read_back(text) == text


@given(st.text(max_size=40))
def test_any_text_is_sent_without_what_xml_cannot_hold(text: str) -> None:
    assert read_back(text) == UNSENDABLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><x><result><id>&a;</id></result></x>'
FILE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x><result>&a;</result></x>'


@pytest.mark.parametrize("body", [BOMB, FILE, b"", b"<x", b"<x><result>", b"{}", b"<x/>", b"\xff\xfe<\x00x\x00"])
def test_an_answer_that_declares_entities_or_is_cut_or_no_answer_is_unexpected(body: bytes) -> None:
    with pytest.raises(UnexpectedReply):
        soap.results(body)
