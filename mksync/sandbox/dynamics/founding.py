"""What a fresh organisation holds before any person: itself, users, a team, roles, currencies, steps and rules."""

from collections.abc import Mapping
from typing import Any

from mksync.sandbox.dynamics import ids
from mksync.sandbox.dynamics.access import ADMINISTRATOR_PROFILE, EVERYTHING, RIGHTS
from mksync.sandbox.dynamics.oauth import Consumer, OAuth
from mksync.sandbox.dynamics.org import Org
from mksync.sandbox.dynamics.rows import Row, Stored
from mksync.sandbox.dynamics.rules import Rules
from mksync.sandbox.dynamics.tables import Table

CLIENT_ID = CLIENT_SECRET = "sandbox"  # noqa: S105 - everybody may know it: it opens invented data on loopback
APPLICATION = "a9900000-0000-4000-8000-000000000001"
_ENTRA = 0xE0000000  # begins the object ids of users in the directory
_FOUNDED = "2020-01-01T00:00:00Z"
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
# What the role of the sync user holds: what a sync needs, and nothing that an ordinary user lacks.
_WRITES = ("lead", "contact")
_READS = (
    "account",
    "opportunity",
    "campaign",
    "connection",
    "connectionrole",
    "new_event",
    "systemuser",
    "team",
    "transactioncurrency",
)
_SETUP = (
    "teammembership",
    "businessunit",
    "organization",
    "solution",
    "publisher",
    "role",
    "systemuserroles",
    "teamroles",
    "sdkmessage",
    "sdkmessagefilter",
    "sdkmessageprocessingstep",
    "plugintype",
    "pluginassembly",
)


class Founding:
    """Sets up one organisation; call `found` once, on an empty state."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._stamps: Row = {}

    def found(self, rules: Rules, oauth: OAuth) -> None:
        self._units_and_users()
        self._organization()
        self._roles()
        self._column_security()
        self._solution()
        for rule in RULES:
            rules.put(rule)
        self._connection_roles()
        oauth.register(Consumer(CLIENT_ID, CLIENT_SECRET, False, None, APPLICATION))

    def _units_and_users(self) -> None:
        settings = self._org.settings
        users = self._org.catalogue.named("systemuser")
        made = self._org.rows.next_ids(users, len(_PEOPLE))
        admin = made[0]
        self._stamps = {
            "createdon": _FOUNDED,
            "modifiedon": _FOUNDED,
            "createdby": admin,
            "modifiedby": admin,
        }
        unit = self._add("businessunit", name="Contoso", isdisabled=0)
        settings.put("business_unit", unit)
        for id, (role, first, last, title, disabled) in zip(made, _PEOPLE, strict=True):
            settings.put(role, id)
            app = {"applicationid": APPLICATION, "accessmode": 4} if role == "sync_user" else {"accessmode": 0}
            self._add(
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
        everybody = self._add("team", name="Contoso", isdefault=1, teamtype=0, businessunitid=unit)
        north = self._add("team", name="North Team", isdefault=0, teamtype=0, businessunitid=unit)
        settings.put("team", north)
        members = next(p for p in self._org.catalogue.named("team").many_to_many if p.target == "systemuser")
        for person in ("admin_user", "sync_user", "sales_user", "manager_user", "former_user"):
            self._org.associate(members, everybody, str(settings.get(person)))
        for person in ("sales_user", "manager_user"):
            self._org.associate(members, north, str(settings.get(person)))

    def _organization(self) -> None:
        currencies = [
            self._add(
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
        organization = self._add(
            "organization",
            name="contoso",
            languagecode=1033,
            localeid=1033,
            expirechangetrackingindays=self._org.settings.get("retention_days"),
            expiresubscriptionsindays=self._org.settings.get("subscription_days"),
            basecurrencyid=currencies[0],
        )
        self._org.settings.put("organization", organization)

    def _roles(self) -> None:
        settings, access = self._org.settings, self._org.access
        unit = settings.get("business_unit")
        admin, sync, sales = (
            self._add("role", name=name, businessunitid=unit)
            for name in ("System Administrator", "Marketo Sync User", "Salesperson")
        )
        settings.put("sync_role", sync)
        settings.put("sales_role", sales)
        access.grant(admin, EVERYTHING, EVERYTHING)
        for table in _WRITES:
            access.grant(sync, table, RIGHTS)
        for table in _READS:
            access.grant(sync, table, ("Read", "AppendTo"))
        for table in _SETUP:
            access.grant(sync, table, ("Read",))
        for table in (*_WRITES, "account", "opportunity", "new_event"):
            access.grant(sales, table, RIGHTS, "Local")
        pair = next(p for p in self._org.catalogue.named("role").many_to_many if p.target == "systemuser")
        holders = {"admin_user": admin, "sync_user": sync, "sales_user": sales, "manager_user": sales}
        for user, role in holders.items():
            self._org.associate(pair, role, str(settings.get(user)))

    def _column_security(self) -> None:
        """The sync user has a profile, which grants nothing until an administrator says so."""
        settings = self._org.settings
        pair = next(
            p for p in self._org.catalogue.named("fieldsecurityprofile").many_to_many if p.target == "systemuser"
        )
        self._add("fieldsecurityprofile", fieldsecurityprofileid=ADMINISTRATOR_PROFILE, name="System Administrator")
        profile = self._add("fieldsecurityprofile", name="Marketo Sync")
        settings.put("sync_profile", profile)
        self._org.associate(pair, ADMINISTRATOR_PROFILE, str(settings.get("admin_user")))
        self._org.associate(pair, profile, str(settings.get("sync_user")))
        for table in self._org.catalogue:
            for column in table.columns.values():
                if column.secured:
                    self._add(
                        "fieldpermission",
                        entityname=table.name,
                        attributelogicalname=column.name,
                        canread=0,
                        cancreate=0,
                        canupdate=0,
                        canreadunmasked=0,
                        fieldsecurityprofileid=profile,
                    )

    def _solution(self) -> None:
        """The messages; with the quirk `native_sync`, Marketo's own solution too, with a step for every message."""
        installed = "native_sync" in self._org.quirks
        kind = self._assembly() if installed else ""
        for message in ("Create", "Update", "Delete", "Assign", "SetState"):
            id = self._add("sdkmessage", name=message)
            if installed:
                self._step(kind, message, id)
        for message in ("CreateMultiple", "UpdateMultiple", "UpsertMultiple"):
            id = self._add("sdkmessage", name=message)
            for table in self._org.catalogue:
                if table.bulk:
                    self._add("sdkmessagefilter", sdkmessageid=id, primaryobjecttypecode=table.name)

    def _assembly(self) -> str:
        """Marketo's solution and its plug-ins; the id of the plug-in type."""
        publisher = self._add(
            "publisher",
            uniquename="contoso",
            friendlyname="Contoso",
            customizationprefix="new",
            customizationoptionvalueprefix=10_000,
        )
        self._add(
            "solution",
            uniquename="MarketoSync",
            friendlyname="Marketo Sync",
            version="4.0.0.14",
            ismanaged=1,
            isvisible=1,
            installedon=_FOUNDED,
            publisherid=publisher,
        )
        assembly = self._add("pluginassembly", name="Marketo.Sync.Plugins", version="4.0.0.14", ismanaged=1)
        return self._add(
            "plugintype",
            name="Marketo.Sync.Plugins.Track",
            typename="Marketo.Sync.Plugins.Track",
            friendlyname="Track",
            pluginassemblyid=assembly,
        )

    def _step(self, kind: str, name: str, message: str) -> None:
        for table in ("lead", "contact", "account"):
            filter = self._add("sdkmessagefilter", sdkmessageid=message, primaryobjecttypecode=table)
            self._add(
                "sdkmessageprocessingstep",
                name=f"Marketo.Sync.Plugins.Track: {name} of {table}",
                stage=40,
                mode=1,
                rank=1,
                statecode=0,
                statuscode=1,
                plugintypeid=kind,
                sdkmessageid=message,
                sdkmessagefilterid=filter,
            )

    def _connection_roles(self) -> None:
        for name, category in (("Stakeholder", 6), ("Decision Maker", 6), ("Influencer", 6), ("Opportunity", 4)):
            id = self._add("connectionrole", name=name, category=category, statecode=0, statuscode=1)
            self._org.settings.put(f"connection_role {name}", id)

    def _add(self, table_name: str, /, **values: Stored) -> str:
        table = self._org.catalogue.named(table_name)
        id = str(values.pop(table.primary_id, None) or self._org.rows.next_ids(table)[0])
        row = {**self._stamped(table), **values, table.primary_id: id}
        self._org.rows.insert(table_name, row)
        return id

    def _stamped(self, table: Table) -> Row:
        stamps = {name: value for name, value in self._stamps.items() if name in table.columns}
        return {**stamps, "versionnumber": self._org.rows.next_version()}
