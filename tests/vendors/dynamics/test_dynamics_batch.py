"""Multipart bodies of `$batch`, both ways."""

import pytest

from mksync.vendors.dynamics.batch import Part, decoded, encoded
from mksync.wire.reply import UnexpectedReply

KIND = "multipart/mixed; boundary=batchresponse_1"


def lines(*text: str, end: str = "\r\n") -> bytes:
    return end.join([*text, ""]).encode()


def test_a_batch_is_written_line_by_line_as_the_documentation_prints_it() -> None:
    parts = [Part("PATCH", "/api/data/v9.2/leads(1)", {"jobtitle": "Zoë"}, {"If-Match": "*"}), Part("GET", "/api/x")]
    assert encoded(parts, "b1") == lines(
        "--b1",
        "Content-Type: application/http",
        "Content-Transfer-Encoding: binary",
        "",
        "PATCH /api/data/v9.2/leads(1) HTTP/1.1",
        "Accept: application/json",
        "Content-Type: application/json; type=entry",
        "If-Match: *",
        "",
        '{"jobtitle":"Zoë"}',
        "--b1",
        "Content-Type: application/http",
        "Content-Transfer-Encoding: binary",
        "",
        "GET /api/x HTTP/1.1",
        "Accept: application/json",
        "",
        "",
        "--b1--",
    )


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_answers_come_in_order_with_status_headers_and_body(end: str) -> None:
    body = lines(
        "--batchresponse_1",
        "Content-Type: application/http",
        "Content-Transfer-Encoding: binary",
        "",
        "HTTP/1.1 200 OK",
        "OData-Version: 4.0",
        'ETag: W/"7"',
        "",
        '{"a": "--batchresponse_2"}',
        "--batchresponse_1",
        "Content-Type: application/http",
        "",
        "HTTP/1.1 204 No Content",
        "",
        "",
        "--batchresponse_1",
        "Content-Type: application/http",
        "",
        "HTTP/1.1 412 Precondition Failed",
        "Content-Type: application/json",
        "",
        '{"error":{"code":"0x80060882","message":"no"}}',
        "--batchresponse_1--",
        end=end,
    )
    first, second, third = decoded(KIND, body)
    assert (first.status, first.body, first.headers["etag"]) == (200, {"a": "--batchresponse_2"}, 'W/"7"')
    assert (second.status, second.body, second.problem) == (204, None, None)
    assert third.problem
    assert (third.problem.status, third.problem.code) == (412, "0x80060882")


def test_answers_inside_a_change_set_are_found_too() -> None:
    body = lines(
        "--batchresponse_1",
        'Content-Type: multipart/mixed; boundary="changesetresponse_9"',
        "",
        "--changesetresponse_9",
        "Content-Type: application/http",
        "Content-ID: 1",
        "",
        "HTTP/1.1 204 No Content",
        "",
        "",
        "--changesetresponse_9--",
        "",
        "--batchresponse_1--",
    )
    assert [one.status for one in decoded(KIND, body)] == [204]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b"{}"),
        (KIND, b""),
        (KIND, b"<html>"),
        (KIND, lines("--batchresponse_1", "Content-Type: application/http", "", "HTTP/1.1 200 OK", "", "{}")),
        (KIND, lines("--batchresponse_1", "Content-Type: application/http", "", "nonsense", "--batchresponse_1--")),
        (KIND, lines("--batchresponse_1", "A: b", "", "HTTP/1.1 200 OK", "", '{"a":', "--batchresponse_1--")),
    ],
)
def test_anything_but_a_whole_batch_is_refused(kind: str, body: bytes) -> None:
    with pytest.raises(UnexpectedReply):
        decoded(kind, body)


def test_every_cut_of_a_batch_is_seen() -> None:
    body = lines("--batchresponse_1", "A: b", "", "HTTP/1.1 200 OK", "", '{"a":1}', "--batchresponse_1--").rstrip()
    assert len(decoded(KIND, body)) == 1
    for end in range(len(body) - 1):
        with pytest.raises(UnexpectedReply):
            decoded(KIND, body[:end])
