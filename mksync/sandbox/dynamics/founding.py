"""What a fresh organisation holds before any person: itself, users, a team, roles, currencies, steps and rules."""

from collections.abc import Mapping
from typing import Any

from mksync.sandbox.dynamics import ids
from mksync.sandbox.dynamics.founding_messages import found_messages
from mksync.sandbox.dynamics.founding_security import found_column_security, found_roles
from mksync.sandbox.dynamics.oauth import Consumer, OAuth
from mksync.sandbox.dynamics.org import Org
from mksync.sandbox.dynamics.planting import Planter
from mksync.sandbox.dynamics.rules import Rules

CLIENT_ID = CLIENT_SECRET = "sandbox"  # noqa: S105 - everybody may know it: it opens invented data on loopback
APPLICATION = "a9900000-0000-4000-8000-000000000001"
_ENTRA = 0xE0000000  # begins the object ids of users in the directory
_PEOPLE = (  # name, first name, last name, title, disabled
    ("admin_user", "Ada", "Brandt", "Administrator", False),
    ("sync_user", "Marketo", "Sync", "Integration user", False),
    ("sales_user", "Bela", "Okafor", "Sales representative", False),
    ("manager_user", "Chiara", "Nilsson", "Sales manager", False),
    ("former_user", "Dimitri", "Former", "Left the company", True),
)
_CURRENCIES = (("US Dollar", "USD", "$", 1.0), ("Euro", "EUR", "€", 0.8))
RULES: tuple[Mapping[str, Any], ...] = (
    {
        "name": "Lead_Phone_Digits",
        "kind": "reject",
        "table": "lead",
        "field": "telephone1",
        "check": {"min_digits": 7},
        "message": "Phone must contain at least 7 digits",
    },
    {
        "name": "Contact_Title_Length",
        "kind": "reject",
        "table": "contact",
        "field": "jobtitle",
        "check": {"min_length": 2},
        "message": "Title must be at least 2 characters long",
    },
    *(
        {
            "name": f"{table}s with the same e-mail address",
            "kind": "duplicate",
            "table": table,
            "field": "emailaddress1",
        }
        for table in ("lead", "contact", "account")
    ),
)


class Founding:
    """Sets up one organisation; call `found` once, on an empty state."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._users = org.rows.next_ids(org.catalogue.named("systemuser"), len(_PEOPLE))
        self._planter = Planter(org, self._users[0])

    def found(self, rules: Rules, oauth: OAuth) -> None:
        self._units_and_users()
        self._organization()
        found_roles(self._planter)
        found_column_security(self._planter)
        found_messages(self._planter)
        for rule in RULES:
            rules.put(rule)
        self._connection_roles()
        oauth.register(Consumer(CLIENT_ID, CLIENT_SECRET, False, None, APPLICATION))

    def _units_and_users(self) -> None:
        settings = self._org.settings
        unit = self._planter.add("businessunit", name="Contoso", isdisabled=0)
        settings.put("business_unit", unit)
        for id, (role, first, last, title, disabled) in zip(self._users, _PEOPLE, strict=True):
            settings.put(role, id)
            app = {"applicationid": APPLICATION, "accessmode": 4} if role == "sync_user" else {"accessmode": 0}
            self._planter.add(
                "systemuser",
                systemuserid=id,
                firstname=first,
                lastname=last,
                fullname=f"{first} {last}",
                domainname=f"{first}.{last}@sandbox.example".lower(),
                internalemailaddress=f"{first}.{last}@sandbox.example".lower(),
                title=title,
                jobtitle=title,
                isdisabled=int(disabled),
                azureactivedirectoryobjectid=ids.make(_ENTRA, int(id[-12:], 16)),
                businessunitid=unit,
                **app,
            )
        self._team(unit)

    def _team(self, unit: str) -> None:
        settings = self._org.settings
        everybody = self._planter.add("team", name="Contoso", isdefault=1, teamtype=0, businessunitid=unit)
        north = self._planter.add("team", name="North Team", isdefault=0, teamtype=0, businessunitid=unit)
        settings.put("team", north)
        members = self._planter.to_users("team")
        for person in ("admin_user", "sync_user", "sales_user", "manager_user", "former_user"):
            self._org.associate(members, everybody, str(settings.get(person)))
        for person in ("sales_user", "manager_user"):
            self._org.associate(members, north, str(settings.get(person)))

    def _organization(self) -> None:
        currencies = [
            self._planter.add(
                "transactioncurrency",
                currencyname=name,
                isocurrencycode=code,
                currencysymbol=symbol,
                currencyprecision=2,
                exchangerate=rate,
                statecode=0,
                statuscode=1,
            )
            for name, code, symbol, rate in _CURRENCIES
        ]
        self._org.settings.put("base_currency", currencies[0])
        organization = self._planter.add(
            "organization",
            name="contoso",
            languagecode=1033,
            localeid=1033,
            expirechangetrackingindays=self._org.settings.get("retention_days"),
            expiresubscriptionsindays=self._org.settings.get("subscription_days"),
            basecurrencyid=currencies[0],
        )
        self._org.settings.put("organization", organization)

    def _connection_roles(self) -> None:
        for name, category in (("Stakeholder", 6), ("Decision Maker", 6), ("Influencer", 6), ("Opportunity", 4)):
            id = self._planter.add("connectionrole", name=name, category=category, statecode=0, statuscode=1)
            self._org.settings.put(f"connection_role {name}", id)
