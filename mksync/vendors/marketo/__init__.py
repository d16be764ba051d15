"""Marketo Engage: people and the objects around them over the Lead Database REST API.

What is peculiar about this API, and where that is documented ("guide": Marketo developer guide; "Nation": Marketo
Nation, the vendor's community):

1.  Errors come with HTTP 200, and success is per level: `success: true` can hold nothing but skipped records (guide,
    Error Codes).
2.  A token lives an hour, and asking again before its end gives the same one; it is shared by all processes of one
    custom service (guide, Authentication).
3.  Lead results carry no key: they are in the order of the input, and a skipped one has no id (guide, Leads;
    Marketo/REST-Sample-Code issue 13).
4.  There is no uniqueness: an upsert that finds several people refuses (1007), two upserts at a time can create twins
    (guide, Leads). One writer, one batch under way, no key twice in a batch, no
    create sent again unread.
5.  An upsert by another key than e-mail does not look at e-mail (guide, Leads): match by e-mail first.
6.  null and "" clear a field, a missing key leaves it; a cleared boolean is false. An empty field reads as null or is
    missing (guide, Lead Database).
7.  An update that changes nothing still answers "updated" (recordings of grouparoo/grouparoo).
8.  updatedAt does not move with custom fields, and is no filter (guide, Bulk Lead Extract): activities tell changes.
9.  Activities say who changed; their values are text, and old (guide, Activities). People are read again by id.
10. Activities come late and out of order (Nation, ta-p/348678): cycles overlap.
11. An empty page can have more pages behind it, and `result` is missing when there is nothing (guide, Paging Tokens).
12. A score change is activity 22, not 13; a merge is 32 on the winner only, the loser's id just vanishes (guide,
    Activities).
13. Deletions are kept for 14 days, value changes for 90, new people for good (guide, Activities; Nation, ta-p/251480).
14. A filter's values are joined by commas, which cannot be escaped; over 1,000 matches are refused (guide, Leads).
15. An address longer than 8 KB is refused: long reads are sent as POST with `_method=GET` (guide, REST API).
16. describe lists fields that REST cannot use: those without `rest` (Airbyte PR 60823).
17. A datetime loses its milliseconds; percent refuses "%"; e-mail is ASCII (guide, Field Types).
18. Characters beyond the Basic Multilingual Plane can cut a text off (Nation, ba-p/341110).
19. 606, 615 and 607 are three throttles with three waits; 604 and 502 leave the outcome open (guide, Error Codes).
20. The day of the quota ends at midnight, US Central time (guide, Error Codes).
21. Company fields on a person are a view of the company (guide, Companies), and nothing in a person's metadata says
    which they are. A person is moved to another company, never out of one.
22. Companies, sales persons, opportunities, roles and custom objects share one set of calls, another than people's:
    results by `seq`, keys named by describe, and the same key twice in a batch refused, 1036 (guide, Lead Database).
23. They have no change feed. `updateable` is what may change after creation: keys are set then, and only then.
24. An instance with the built-in CRM sync lets nobody else write them; where describe refuses, refuses a write, or
    every record does (1018), the object is not to be had (guide, Companies, Opportunities, Sales Persons).
25. A custom object type is a draft until approved, and then keeps its key and links; the interface for types is not
    part of every subscription, 616 (guide, Custom Objects).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mksync.core.quota import Rates
from mksync.core.records import Catalogue
from mksync.errors import ConfigError
from mksync.ports import Beside, Clock, Port, Shares, Vendor
from mksync.vendors.marketo.rates import RATES
from mksync.vendors.marketo.settings import Settings, read
from mksync.vendors.marketo.standard import NOT_OFFERED
from mksync.vendors.table import daily_calls, reserve

__all__ = ["VENDOR"]


class Marketo:
    """Meets `ports.Vendor`."""

    name = "marketo"
    title = "Marketo"
    rates: Rates = RATES
    catalogue: Mapping[str, Catalogue] = {"person": Catalogue("person", "Person", key="id", not_offered=NOT_OFFERED)}
    questions: Mapping[str, str] = {
        "url": "Marketo's REST endpoint, without /rest (https://123-ABC-456.mktorest.com)",
        "client_id": "Client id of Marketo's custom service",
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
        from mksync.vendors.marketo.port import connect  # here, because `requests` takes a while to load

        if not isinstance(settings, Settings):
            raise ConfigError("these are not the settings of Marketo")
        return connect(settings, clock, beside)


VENDOR = Marketo()

if TYPE_CHECKING:
    from mksync.ports.abilities import TellsRates

    _vendor: Vendor = VENDOR
    _rates: TellsRates = VENDOR
    _shares: Shares = VENDOR
