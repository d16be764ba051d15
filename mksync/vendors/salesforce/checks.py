"""What has to be true of an organisation before its first sync."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mksync.core.records import Check
from mksync.errors import MksyncError
from mksync.vendors.salesforce.client import Client
from mksync.vendors.salesforce.names import PEOPLE

# Marketo Nation knowledge base, "SFDC Required Fields for SFDC Sync" (ta-p/250695).
MINIMUM: Mapping[str, Sequence[str]] = {
    "lead": (
        "Id", "SystemModstamp", "CreatedDate", "IsDeleted", "MasterRecordId", "Name", "Email", "Company", "Status",
        "OwnerId", "IsConverted", "ConvertedDate", "ConvertedAccountId", "ConvertedContactId",
        "ConvertedOpportunityId",
    ),
    "contact": (
        "Id", "SystemModstamp", "CreatedDate", "IsDeleted", "MasterRecordId", "Name", "Email", "AccountId", "OwnerId",
    ),
}  # fmt: skip

_ABILITIES = {"queryable": "read", "replicateable": "replicate", "retrieveable": "retrieve", "updateable": "edit"}


def checks(client: Client, api_version: str) -> Iterator[Check]:
    """One after the other, as each is done; after a sign-in that failed there is nothing more to ask."""
    sign_in = _guarded("Salesforce sign-in", lambda: _signed_in(client), lambda _: "signed in")
    yield sign_in
    if not sign_in.passed:
        return
    yield _guarded("Salesforce API version", client.versions, lambda found: _version(found, api_version))
    for object, sobject in PEOPLE.items():
        yield from _object(client, object, sobject)
    yield _quota(client)


def _guarded(name: str, ask: Callable[[], Any], found: Callable[[Any], str | Check]) -> Check:
    """A check that fails with what the question raised."""
    try:
        finding = found(ask())
    except MksyncError as error:
        return Check(name, False, error.message, error.hint, error.exit_code)
    return finding if isinstance(finding, Check) else Check(name, True, finding)


def _signed_in(client: Client) -> Any:  # noqa: ANN401 - any JSON value
    client.sign_in_anew()
    return client.userinfo()


def _version(found: Sequence[str], wanted: str) -> Check:
    name = "Salesforce API version"
    if wanted in found:
        return Check(name, True, f"version {wanted} is served")
    newest = max(found, key=float, default="none")
    remedy = f'Set api_version = "{newest}" in [crm].'
    return Check(name, False, f"version {wanted} is not served; the newest is {newest}", remedy, exit_code=2)


def _object(client: Client, object: str, sobject: str) -> Iterator[Check]:
    name = f"Salesforce {sobject}"
    try:
        described = client.describe(sobject)
    except MksyncError as error:
        yield Check(name, False, error.message, error.hint, error.exit_code)
        return
    yield _abilities(name, sobject, described)
    yield _fields(f"{name} fields", object, sobject, described)


def _abilities(name: str, sobject: str, described: Mapping[str, Any]) -> Check:
    lacking = [ability for flag, ability in _ABILITIES.items() if not described.get(flag)]
    if not lacking:
        return Check(name, True, "the sync user can read and edit it")
    remedy = f"Grant the sync user Read and Edit on {sobject} in its profile or a permission set."
    return Check(name, False, f"the sync user cannot {', '.join(lacking)} it", remedy)


def _fields(name: str, object: str, sobject: str, described: Mapping[str, Any]) -> Check:
    seen = {field["name"] for field in described["fields"]}
    missing = [field for field in MINIMUM[object] if field not in seen]
    if not missing:
        return Check(name, True, "every field that a sync needs is visible")
    listed = ", ".join(missing)
    remedy = f"Grant field-level read access to {sobject} {listed} (Setup, Object Manager, {sobject}, Fields)."
    return Check(name, False, f"not visible to the sync user: {listed}", remedy)


def _quota(client: Client) -> Check:
    name = "Salesforce API calls"
    try:
        used, most = client.usage or _asked(client)
    except MksyncError as error:
        return Check(name, False, error.message, error.hint, error.exit_code)
    finding = f"{used} of {most} calls of the last 24 hours are used"
    if used < most:
        return Check(name, True, finding)
    return Check(name, False, finding, "Run again later, or see Setup, Company Information, API Requests.", exit_code=5)


def _asked(client: Client) -> tuple[int, int]:
    daily = client.limits()["DailyApiRequests"]
    return daily["Max"] - daily["Remaining"], daily["Max"]
