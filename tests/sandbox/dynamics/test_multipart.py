"""The envelope of batches: what is put together can be taken apart, whatever the parts hold."""

from email import policy
from email.parser import BytesParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mksync.sandbox.dynamics import multipart
from mksync.sandbox.dynamics.multipart import MalformedError, Part, Request, Response

CONTENTS = st.one_of(
    st.binary(max_size=60), st.sampled_from([b"", b"\r\n", b"--x", b"--batch\r\n", b"\r\n--batchy\r\n"])
)


@given(st.lists(CONTENTS.filter(lambda content: b"--boundary" not in content), max_size=5))
def test_parts_come_back_as_they_were_written(contents: list[bytes]) -> None:
    written = multipart.write([b"Content-Type: application/http\r\n\r\n" + content for content in contents], "boundary")
    assert [part.content for part in multipart.parts(written, "boundary")] == contents


@given(st.lists(st.sampled_from([200, 204, 404, 412]), min_size=1, max_size=4))
def test_the_standard_library_reads_what_is_written(statuses: list[int]) -> None:
    inside = multipart.set_of([Response(status, {"A": "b"}, b"{}", str(status)) for status in statuses], "inner")
    written = multipart.write([inside, multipart.part_of(Response(200))], "outer")
    message = BytesParser(policy=policy.HTTP).parsebytes(
        b"Content-Type: multipart/mixed; boundary=outer\r\n\r\n" + written
    )
    parts = list(message.walk())
    assert [part.get_content_type() for part in parts].count("application/http") == len(statuses) + 1
    assert [part["Content-ID"] for part in parts if part["Content-ID"]] == [str(status) for status in statuses]


@pytest.mark.parametrize(
    ("header", "boundary"),
    [
        ('multipart/mixed; boundary="batch_1"', "batch_1"),
        ("multipart/mixed;boundary=batch_1;charset=utf-8", "batch_1"),
        ("Multipart/Mixed; Boundary = batch_1", "batch_1"),
        ("application/json", None),
    ],
)
def test_boundaries_are_quoted_or_not(header: str, boundary: str | None) -> None:
    assert multipart.boundary_of(header) == boundary


def test_a_request_is_its_line_its_headers_and_the_rest() -> None:
    content = b'PATCH /api/data/v9.2/leads(1)?$select=a b HTTP/1.1\r\nIf-Match: *\r\n\r\n{"a":\r\n"b"}'
    part = Part({"content-type": "application/http", "content-id": "7"}, content)
    expected = Request("PATCH", "/api/data/v9.2/leads(1)?$select=a b", {"if-match": "*"}, b'{"a":\r\n"b"}', "7")
    assert multipart.request(part) == expected


@pytest.mark.parametrize(
    "content", [b"", b"GET", b"GET HTTP/1.1", b"GET /x\r\n\r\n", b"GET /x HTTP/1.1\r\nno colon\r\n\r\n"]
)
def test_what_is_no_request_is_malformed(content: bytes) -> None:
    with pytest.raises(MalformedError):
        multipart.request(Part({"content-type": "application/http"}, content))
