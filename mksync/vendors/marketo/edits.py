"""How often fields of people were changed, by the activity log. What a change says of values is not used here either.

Source: Marketo developer guide, Activities (Change Data Value, Change Score: one activity a field and change).
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from mksync.core.records import Field
from mksync.vendors.marketo.client import Client
from mksync.vendors.marketo.cycle import CHANGE_DATA_VALUE, CHANGE_SCORE
from mksync.vendors.marketo.feed import iso

TYPES = (CHANGE_DATA_VALUE, CHANGE_SCORE)


def count(
    client: Client, fields: Mapping[str, Field], ids: Sequence[str], since: float
) -> Mapping[tuple[str, str], int]:
    """(person, field) -> the changes that the log knows of by now. Two calls, or more where much has happened."""
    names = {field.number: field.name for field in fields.values() if field.number is not None}
    people, found = set(ids), Counter[tuple[str, str]]()
    page = client.activities(client.paging_token(iso(since)).token, TYPES)
    while True:
        for item in page.items:
            name = names.get(item.get("primaryAttributeValueId") or -1)
            if name is not None and str(item.get("leadId")) in people:
                found[str(item["leadId"]), name] += 1
        if not page.more:
            return found
        page = client.activities(page.token, TYPES)
