"""Microsoft Dynamics 365 over the Dataverse Web API, v9.2: leads and contacts both ways, what hangs off them one way.

What is peculiar about this API, and where that is documented (Power Apps developer documentation, if not said):

1.  Whoever comes without a token is told the tenant ("Use OAuth authentication with Microsoft Dataverse").
2.  A valid token does not make a user: the application needs one of its own in the environment ("Use single-tenant
    server-to-server authentication").
3.  A column that the sync user may not read is answered as null, like an empty one ("Column-level security").
4.  A column that may not be written is passed over in silence: only a read-back tells ("Column definitions").
5.  Changes are told by opaque links, with deletions, for a week or so; every row of the table must be visible, and
    only `$select` shapes them ("Use change tracking to synchronize data with external systems"). What is answered when
    a link is too old is not documented: any refusal of a link, and its age, count as that.
6.  A value computed by a column's formula moves no version, so no change tells of it ("Column definitions").
7.  The loser of a merge stays, deactivated, with `merged` and `masterid`; its status says nothing ("Merge table rows").
8.  A qualified lead stays too; the contact that was made of it names it in `originatingleadid` (QualifyLead).
9.  A PATCH without If-Match makes the record anew if it was deleted ("Update and delete table rows", upsert).
10. Ids may be chosen by the client, which makes a create repeatable ("Create a table row using the Web API").
11. A batch needs `odata.continue-on-error`, or its first refusal ends it; its lines end in CRLF ("Execute batch
    operations using the Web API"). Throttling refuses it as a whole, every part counts against the daily entitlement.
12. Option sets are integers on the wire; labels depend on the reader's language ("Column definitions").
13. A lookup is read as `_x_value` and written as a link, by the name of the relationship ("Web API navigation
    properties"); owners and customers may be in several tables.
14. A date that depends on the user's time zone is kept as somebody's midnight ("Behavior and format of the date and
    time column"): read as the nearest day, and never written.
15. An empty text becomes null; blanks at either end are kept (integrators' reports). Filters mind no case, and take
    %, _ and [ for wildcards ("Filter rows").
16. Duplicate rules do not hold for the API unless asked for ("Detect duplicate data using the Web API").
17. 404 may speak of a record that ours was to refer to, and not of ours (error 0x80040217).
18. Error codes come in any letter case or not at all, and their status varies ("Compose HTTP requests and handle
    errors").
19. Nothing but an annotation tells which table an owner's or customer's id is of ("Web API types and operations",
    lookup properties): a team that owns a record is no sales person, a contact in an account's place no company.
20. An opportunity's customer is an account or a contact; beside an account, no contact is ("Opportunity table").
21. A connection is two rows, one seen from either end ("Connection entities"); its roles have names of their own.
22. Metadata is for everybody: that a table is described does not mean that its rows may be read ("Query table
    definitions using the Web API").
23. Qualifying a lead makes new records only: into an account that exists, its contact is put afterwards (QualifyLead).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mksync.core.quota import Rates
from mksync.core.records import Catalogue
from mksync.errors import ConfigError
from mksync.ports import Beside, Clock, Port, Shares, Vendor
from mksync.vendors.dynamics import one_way
from mksync.vendors.dynamics.catalogue import CATALOGUE
from mksync.vendors.dynamics.rates import RATES
from mksync.vendors.dynamics.settings import Settings, read
from mksync.vendors.table import daily_calls, reserve

__all__ = ["VENDOR"]


class Dynamics:
    """Meets `ports.Vendor`."""

    name = "dynamics"
    title = "Dynamics"
    rates: Rates = RATES
    catalogue: Mapping[str, Catalogue] = CATALOGUE
    questions: Mapping[str, str] = {
        "url": "Dynamics' address, as the Power Platform admin center shows it (https://contoso.crm.dynamics.com)",
        "client_id": "Application (client) id of the app registration",
        "client_secret": "Where its client secret is",
    }

    def settings(self, table: Mapping[str, object], where: str) -> Settings:
        return read(table, where)

    def bounds(self, table: Mapping[str, object], where: str) -> tuple[int | None, float]:
        """See `ports.TellsRates`."""
        return daily_calls(table, where), reserve(table, where, told=False)

    def open(self, settings: object, clock: Clock) -> Port:
        return self._open(settings, clock)

    def open_beside(self, settings: object, clock: Clock, beside: Beside) -> Port:
        """See `ports.Shares`."""
        return self._open(settings, clock, beside)

    def _open(self, settings: object, clock: Clock, beside: Beside | None = None) -> Port:
        from mksync.vendors.dynamics.connecting import connect  # here, because `requests` takes a while to load

        if not isinstance(settings, Settings):
            raise ConfigError("these are not the settings of Dynamics")
        return connect(settings, clock, beside)

    def custom(self, object: str, label: str, counterpart: str) -> Catalogue:
        """See `ports.KnowsCustomObjects`."""
        return one_way.custom(object, label, counterpart)


VENDOR = Dynamics()

if TYPE_CHECKING:
    from mksync.ports.abilities import KnowsCustomObjects, TellsRates

    _vendor: Vendor = VENDOR
    _rates: TellsRates = VENDOR
    _shares: Shares = VENDOR
    _customs: KnowsCustomObjects = VENDOR
