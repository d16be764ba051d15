"""An answer that is nested without end is an error of ours, wherever JSON or XML is read: no traceback, no hang."""

import pytest

from mksync.vendors.dynamics.batch import decoded
from mksync.vendors.salesforce import soap
from mksync.wire.reply import Headers, Reply, UnexpectedReply

DEEP = 100_000
NESTED = {"lists": b"[" * DEEP + b"]" * DEEP, "objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP}


def part(content: bytes, boundary: bytes) -> bytes:
    """A batch of one part."""
    return b"--%b\r\n%b\r\n--%b--\r\n" % (boundary, content, boundary)


@pytest.mark.parametrize("body", NESTED.values(), ids=NESTED)
def test_json_that_is_nested_without_end(body: bytes) -> None:
    with pytest.raises(UnexpectedReply, match="is not JSON, or was cut"):
        Reply(200, Headers({"Content-Type": "application/json"}), body).json()


@pytest.mark.parametrize("body", NESTED.values(), ids=NESTED)
def test_json_of_a_batch_that_is_nested_without_end(body: bytes) -> None:
    head = b"Content-Type: application/http\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
    with pytest.raises(UnexpectedReply, match="is not JSON, or was cut"):
        decoded("multipart/mixed; boundary=b", part(head + body, b"b"))


def test_a_batch_whose_parts_are_batches_without_end() -> None:
    body = b""
    for number in range(2_000):
        inner = b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n%b" % (number - 1, body)
        body = part(inner, b"b%d" % number)
        if len(body) > 1_000_000:
            break
    with pytest.raises(UnexpectedReply, match="change sets in change sets"):
        decoded(f"multipart/mixed; boundary=b{number}", body)


@pytest.mark.parametrize("around", [(b"<result>", b"</result>"), (b"<x>", b"</x>")], ids=["results", "below one"])
def test_xml_that_is_nested_without_end(around: tuple[bytes, bytes]) -> None:
    """As many levels as Expat takes in memory, and still the reading does not go down all of them."""
    begin, end = around
    body = b"<e><result>" + begin * 20_000 + end * 20_000 + b"</result></e>"
    with pytest.raises(UnexpectedReply, match="nested too deep"):
        soap.results(body)
    assert soap.fault(body) is None
