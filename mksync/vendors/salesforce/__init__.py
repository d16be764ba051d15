"""Salesforce over the REST API: leads and contacts both ways, whatever hangs off them one way.

What is peculiar about this API, and where that is documented (REST, SOAP: the API developer guides):

1.  A sign-in names no end of its token; 401 INVALID_SESSION_ID does (REST, "Status Codes and Error Responses").
2.  Client credentials go to the organisation's own domain only (Help, "OAuth 2.0 Client Credentials Flow").
3.  A field without read access is absent from describe; naming it fails like a typo (REST, "sObject Describe").
4.  403 means no permission, or that the day's calls are used up; only the code tells (REST, "Status Codes").
5.  A query is GET only, so the URI bound of 16,384 bytes bounds it; ids go by POST (Developer Limits).
6.  A page may be shorter than asked for; only `done` is the end (REST, "Query Options Header").
7.  A row can become visible with a SystemModstamp below one already seen; `latestDateCovered` is the safe watermark
    (SOAP, getUpdated(); Airbyte issue 27146).
8.  SystemModstamp moves with automation, LastModifiedDate does not; a formula moves neither (Object Reference,
    "System Fields").
9.  Deletions are kept for 15 days, or until the bin is emptied; what was deleted for good is in the delete log only
    (SOAP, getDeleted()). A record that is undeleted, or shown to the sync user again, without its stamp moving is seen
    by the next full read only.
10. The loser of a merge is deleted and names its survivor in MasterRecordId, on queryAll only (SOAP, merge()).
11. A converted lead is kept, and refuses edits (Object Reference, Lead; error CANNOT_UPDATE_CONVERTED_LEAD).
12. If-Unmodified-Since guards single records, to the second; a part of a composite call may carry it (REST,
    "Conditional Request Headers"). An edit in the very second of our reading slips through.
13. There is no idempotency key: a create whose answer was lost may have happened (REST names none).
14. Saving a lead without `Sforce-Auto-Assign: false` runs the assignment rule (REST, "Assignment Rule Header").
15. Texts are stripped when saved and an empty one becomes null (SOAP, "Field Types"); an e-mail may come back in lower
    case (integrators' reports).
16. A composite call counts as one, whatever it holds: 25 parts, 5 of them queries or collections (REST, "Composite").
17. Ids have 15 characters and their case matters, or 18 (Object Reference, "ID Field Type").
18. A user is never deleted, only made inactive, and has no IsDeleted to ask for (Object Reference, User).
19. A lead or a custom object may be owned by a queue, whose id begins with 00G: then no user owns it (Object Reference,
    Group). Accounts, contacts and opportunities always have a user.
20. The sync user sees an opportunity's roles if it sees the opportunity; a role may name a contact that it does not
    see, or that was deleted (Object Reference, OpportunityContactRole).
21. REST has no way to convert a lead: only SOAP does, and takes the session in the body (SOAP, convertLead()).
22. Its faults come with HTTP 500 though nothing was done, even when the session ended (SOAP, "API Fault Element").
23. A bulk query job answers with records as they were when it ran, in CSV, and in no order that could be relied on
    (Bulk API 2.0 Developer Guide, "Query Jobs").
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mksync.core.quota import Rates
from mksync.core.records import Catalogue
from mksync.errors import ConfigError
from mksync.ports import Beside, Clock, Port, Shares, Vendor
from mksync.vendors.salesforce import one_way
from mksync.vendors.salesforce.catalogue import CATALOGUE
from mksync.vendors.salesforce.rates import RATES
from mksync.vendors.salesforce.settings import Settings, read
from mksync.vendors.table import daily_calls, reserve

__all__ = ["VENDOR"]


class Salesforce:
    """Meets `ports.Vendor`."""

    name = "salesforce"
    title = "Salesforce"
    rates: Rates = RATES
    catalogue: Mapping[str, Catalogue] = CATALOGUE
    questions: Mapping[str, str] = {
        "url": "Salesforce's address, as Setup, My Domain shows it (https://acme.my.salesforce.com)",
        "client_id": "Client id of the connected app",
        "client_secret": "Where its client secret is",
    }

    def settings(self, table: Mapping[str, object], where: str) -> Settings:
        return read(table, where)

    def bounds(self, table: Mapping[str, object], where: str) -> tuple[int | None, float]:
        """See `ports.TellsRates`."""
        return daily_calls(table, where), reserve(table, where, told=True)

    def open(self, settings: object, clock: Clock) -> Port:
        return self._open(settings, clock)

    def open_beside(self, settings: object, clock: Clock, beside: Beside) -> Port:
        """See `ports.Shares`."""
        return self._open(settings, clock, beside)

    def _open(self, settings: object, clock: Clock, beside: Beside | None = None) -> Port:
        from mksync.vendors.salesforce.port import connect  # here, because `requests` takes a while to load

        if not isinstance(settings, Settings):
            raise ConfigError("these are not the settings of Salesforce")
        return connect(settings, clock, beside)

    def custom(self, object: str, label: str, counterpart: str) -> Catalogue:
        """See `ports.KnowsCustomObjects`."""
        return one_way.custom(object, label, counterpart)


VENDOR = Salesforce()

if TYPE_CHECKING:
    from mksync.ports.abilities import KnowsCustomObjects, TellsRates

    _vendor: Vendor = VENDOR
    _rates: TellsRates = VENDOR
    _shares: Shares = VENDOR
    _customs: KnowsCustomObjects = VENDOR
