"""The CSV of a bulk query job says the same as the JSON of a query."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mksync.core.records import Field, FieldType, Gone
from mksync.vendors.salesforce import codec, objects
from mksync.vendors.salesforce.csvrows import columns
from mksync.vendors.salesforce.rows import columns_of, in_columns, judged, rows_of
from mksync.wire import jsontext
from mksync.wire.reply import UnexpectedReply
from tests.vendors.salesforce.bulk_org import csv_of
from tests.vendors.salesforce.scripted_org import CONTACT, LEAD, LEAD_B, USER

FIELDS = {
    name: Field(name, name, type, vendor_type, scale=scale)
    for name, type, vendor_type, scale in [
        ("Title", FieldType.TEXT, "string", None),
        ("Description", FieldType.TEXTAREA, "textarea", None),
        ("Email", FieldType.EMAIL, "email", None),
        ("Rating", FieldType.PICKLIST, "picklist", None),
        ("Colours__c", FieldType.MULTIPICKLIST, "multipicklist", None),
        ("HasOptedOutOfEmail", FieldType.BOOLEAN, "boolean", None),
        ("NumberOfEmployees", FieldType.INTEGER, "int", None),
        ("AnnualRevenue", FieldType.DECIMAL, "currency", 2),
        ("Score__c", FieldType.DECIMAL, "double", 0),
        ("Birthday__c", FieldType.DATE, "date", None),
        ("Met__c", FieldType.DATETIME, "datetime", None),
        ("OwnerId", FieldType.REFERENCE, "reference", None),
    ]
}
COLUMNS = objects.columns("lead", FIELDS)


def rows(body: bytes, asked: list[str] | tuple[str, ...]) -> list[Any]:
    return [row for some in columns(body, asked, 2) for row in rows_of(some)]


# Neither JSON nor a field of Salesforce's holds half a character, or NUL.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")) | st.text('a", \n\r;#N/A\t')
moments = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)).map(
    lambda at: at.replace(tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}+0000"
)
numbers = st.decimals(-(10**12), 10**12, places=2).map(float)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "Id": st.sampled_from([LEAD, LEAD_B]),
    "SystemModstamp": moments,
    "IsDeleted": st.booleans(),
    "MasterRecordId": st.sampled_from([None, LEAD_B]),
    "IsConverted": st.booleans(),
    "ConvertedContactId": st.sampled_from([None, CONTACT]),
    "Title": st.none() | texts,
    "Description": st.none() | texts,
    "Email": st.none() | texts,
    "Rating": st.none() | texts,
    "Colours__c": st.none() | st.lists(st.sampled_from(["red", "sea green", "Blau"])).map(";".join),
    "HasOptedOutOfEmail": st.booleans(),
    "NumberOfEmployees": st.none() | st.integers(-(2**31), 2**31 - 1),
    "AnnualRevenue": st.none() | numbers,
    "Score__c": st.none() | numbers,
    "Birthday__c": st.none() | st.dates().map(str),
    "Met__c": st.none() | moments,
    "OwnerId": st.none() | st.sampled_from([USER, "00G5g000001AbCdEAK"]),
}
records = st.fixed_dictionaries(VALUES)


@given(st.lists(records, max_size=4), st.permutations(COLUMNS), st.booleans())
def test_a_record_decodes_the_same_from_either(kept: list[dict[str, Any]], order: list[str], nuls: bool) -> None:
    """Whatever order the columns have, and with the NUL bytes that were seen in results."""
    by_query = jsontext.loads(json.dumps(kept))
    body = csv_of(order, kept)
    body = body.replace(b'","', b'\0","') if nuls else body
    by_job = rows(body, COLUMNS)
    assert judged("lead", by_job, FIELDS) == judged("lead", by_query, FIELDS)
    assert codec.records("lead", by_job, FIELDS) == codec.records("lead", by_query, FIELDS)


@given(st.lists(records, min_size=1, max_size=4))
def test_rows_are_judged_the_same_one_by_one_and_as_columns(kept: list[dict[str, Any]]) -> None:
    by_query = jsontext.loads(json.dumps(kept))
    judgements = judged("lead", by_query, FIELDS)
    whole = columns_of("lead", by_query, FIELDS)
    assert whole is not None
    (by_job,) = columns(csv_of(COLUMNS, kept), COLUMNS, 4)
    for some in (whole, by_job):
        found, gone = in_columns("lead", some, FIELDS)
        assert [*found, *gone] == sorted(judgements, key=lambda one: isinstance(one, Gone))


def test_rows_without_a_field_are_not_taken_for_whole() -> None:
    assert columns_of("lead", [{"Id": LEAD, "SystemModstamp": "2026-01-31T09:15:00Z"}], FIELDS) is None


@pytest.mark.parametrize("header", ["id,TITLE", "ID,title", '"Id","Title"', '\ufeff"Id","Title"'])
def test_columns_are_known_by_name_in_any_case(header: str) -> None:
    assert list(rows(f"{header}\n{LEAD},CEO\n".encode(), ["Id", "Title"])) == [{"Id": LEAD, "Title": "CEO"}]


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_either_line_ending_ends_a_row(ends: str) -> None:
    body = ends.join(["Id,Title", f'{LEAD},"a\nb"', ""]).encode()
    assert list(rows(body, ["Id", "Title"])) == [{"Id": LEAD, "Title": "a\nb"}]


def test_a_column_that_is_missing_is_not_taken_for_empty() -> None:
    (row,) = rows(f"Id\n{LEAD}\n".encode(), ["Id", "Title"])
    assert "Title" not in row


def test_a_cell_may_hold_the_most_that_a_field_does() -> None:
    (row,) = rows(f'Id,Description\n{LEAD},"{"x" * 131_072}"\n'.encode(), ["Id", "Description"])
    assert len(row["Description"]) == 131_072


@pytest.mark.parametrize(
    "body", [b"Title\nCEO\n", b"Id,Title\nx\n", b'Id\n"x', b'Id\n"x"y\n', b"Id\n\xff\n", b"<html>\n", b"\n"]
)
def test_what_is_no_csv_of_records_is_said_to_be_none_without_quoting_it(body: bytes) -> None:
    with pytest.raises(UnexpectedReply, match=r"^Salesforce's CSV "):
        list(rows(body, ["Id", "Title"]))


def test_no_records_may_be_said_without_a_header() -> None:
    assert list(rows(b"", ["Id"])) == []
