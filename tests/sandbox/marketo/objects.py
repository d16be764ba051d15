"""One record of each standard object beside the lead, so that what they share is tested once for all of them."""

from dataclasses import dataclass, field
from typing import Any

from tests.sandbox.marketo.api import Api


@dataclass(frozen=True)
class Kind:
    """`key` makes the caller's key of record number n, `text` is a field of up to 255 letters."""

    address: str
    name: str
    id: str
    text: str
    keys: tuple[str, ...]
    needs: dict[str, Any] = field(default_factory=dict)

    def key(self, number: int) -> dict[str, Any]:
        if self.address == "opportunities/roles":
            return {"externalOpportunityId": "O1", "leadId": 1, "role": f"R{number}"}
        return {self.keys[0]: f"K{number}"}

    def record(self, number: int, **values: Any) -> dict[str, Any]:
        return {**self.key(number), **self.needs, **values}

    def prepare(self, api: Api) -> None:
        """What a record of this kind has to be linked to."""
        if self.address == "opportunities/roles":
            api.create(email="a@example.com")
            api.write("opportunities", {"externalOpportunityId": "O1", "name": "Chairs"})

    def find(self, api: Api, *keys: dict[str, Any], **more: Any) -> Any:
        """The reply to a query by the caller's keys."""
        body = {"filterType": "dedupeFields", "input": list(keys), **more}
        return api.post(self.address, body, _method="GET")


COMPANIES = Kind("companies", "Company", "id", "company", ("externalCompanyId",))
OPPORTUNITIES = Kind(
    "opportunities", "opportunity", "marketoGUID", "name", ("externalOpportunityId",), {"name": "Chairs"}
)
ROLES = Kind(
    "opportunities/roles",
    "opportunityRole",
    "marketoGUID",
    "externalCreatedDate",
    ("externalOpportunityId", "leadId", "role"),
)
SALES_PERSONS = Kind("salespersons", "SalesPerson", "id", "lastName", ("externalSalesPersonId",))
KINDS = (COMPANIES, OPPORTUNITIES, ROLES, SALES_PERSONS)
