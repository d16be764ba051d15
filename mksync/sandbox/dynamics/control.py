"""The endpoints below `/__sandbox__/dynamics/`: what an administrator or another user does.

POST a JSON object to one of these; GET reads `rules`, `settings`, `users` and `keys`.

- `privileges`: `table`, `rights` (see `access.RIGHTS`; absent: all), `depth` None, Basic, Local, Deep or Global; or
  `privilege` by its own name, as prvActOnBehalfOfAnotherUser, with a `depth`. `role`: `sync_role` (the default) or
  `sales_role`.
- `roles`: `{"assigned": false}` takes the sync user's role away, true gives it back.
- `security`: a column's: `table`, `column`, `secured`, and what the sync user may: `read`, `create`, `update`.
- `rules`: a rule as `rules.py` describes it, or the keys to change of one; `{"name": …, "remove": true}`.
- `columns`: a custom column: `table`, `name` (with a publisher's prefix), `kind`, and what else `Column` has; of a
  choice, `labels`. `{"table": …, "name": …, "remove": true}` takes one away.
- `tables`: `table` and any of `catalogue.SWITCHES`.
- `edits`: another user's edit: `kind` create, update, delete or merge, `table`, `id`, `values`, `user`. Answers with
  the row's id.
- `settings`: any of `org.DEFAULTS`.
- `consumers`: an app registration: `client_id`, `secret`, `secret_expired`, `certificate` (PEM), `application` (GUID).
- `keys`: `certificate` (PEM) for the app `client_id`; GET answers with a private key and certificate of the sandbox's own.
- `tokens`: `{"end": true}` ends all.
"""  # noqa: E501 - the list

import json
from collections.abc import Callable, Mapping
from dataclasses import fields as fields_of
from dataclasses import replace
from typing import Any

from mksync.sandbox.dynamics.access import DEPTHS, RIGHTS
from mksync.sandbox.dynamics.call import Answer
from mksync.sandbox.dynamics.errors import ODataError
from mksync.sandbox.dynamics.founding import CLIENT_ID, CLIENT_SECRET
from mksync.sandbox.dynamics.founding_messages import list_messages
from mksync.sandbox.dynamics.oauth import Consumer, OAuth
from mksync.sandbox.dynamics.org import DEFAULTS, Org
from mksync.sandbox.dynamics.others import Others
from mksync.sandbox.dynamics.rules import Rules
from mksync.sandbox.dynamics.tables import Column, Kind, Option, Table

PREFIX = "/__sandbox__/dynamics/"
_USERS = ("sync_user", "admin_user", "sales_user", "manager_user", "former_user", "team", "business_unit")
_FIRST_OPTION = 100_000_000
_DEFAULT_LENGTHS = {Kind.STRING: 100, Kind.MEMO: 2_000}
_FORMATS = {Kind.STRING: "Text", Kind.MEMO: "TextArea", Kind.DATE_TIME: "DateAndTime", Kind.INTEGER: "None"}
Wish = dict[str, Any]


class Control:
    def __init__(self, org: Org, rules: Rules, others: Others, oauth: OAuth) -> None:
        self._org = org
        self._rules = rules
        self._others = others
        self._oauth = oauth
        self._posts: Mapping[str, Callable[[Wish], object]] = {
            "privileges": self._privileges,
            "roles": self._role,
            "security": self._security,
            "rules": self._rule,
            "columns": self._column,
            "tables": self._table,
            "edits": lambda wish: {"id": self._others.edit(**wish)},
            "settings": self._org.settings.change,
            "consumers": self._consumer,
            "keys": lambda wish: self._oauth.set_certificate(wish.get("client_id", CLIENT_ID), wish["certificate"]),
            "tokens": lambda _: self._oauth.end_tokens(),
        }
        self._gets: Mapping[str, Callable[[], object]] = {
            "rules": self._rules.all,
            "settings": lambda: {name: self._org.settings.get(name) for name in DEFAULTS},
            "users": lambda: {name: self._org.settings.get(name) for name in _USERS},
            "keys": lambda: dict(zip(("private_key", "certificate"), self._oauth.own_certificate(), strict=True)),
        }

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        name = path.removeprefix(PREFIX).strip("/")
        try:
            if method == "GET" and name in self._gets:
                return Answer(200, self._gets[name]())
            if method == "POST" and name in self._posts:
                return Answer(200, self._posts[name](json.loads(body)) or {})
        except ODataError as error:
            return Answer(400, error.body())
        except (TypeError, ValueError, KeyError, AttributeError) as problem:
            return Answer(400, {"error": str(problem)})
        return Answer(404, {"error": "no such control"})

    def _privileges(self, wish: Wish) -> None:
        role = str(self._org.settings.get(str(wish.get("role", "sync_role"))))
        depth = str(wish["depth"])
        if depth not in DEPTHS:
            raise ValueError(f"no depth {depth!r}; there are: {', '.join(DEPTHS)}")
        if "privilege" in wish:
            self._org.access.grant(role, "", [str(wish["privilege"])], depth)
            return
        rights = wish.get("rights", RIGHTS)
        if strange := set(rights) - set(RIGHTS):
            raise ValueError(f"no such right: {', '.join(strange)}; there are: {', '.join(RIGHTS)}")
        self._org.access.grant(role, self._named(wish).name, rights, depth)

    def _role(self, wish: Wish) -> None:
        pair = next(p for p in self._org.catalogue.named("role").many_to_many if p.target == "systemuser")
        change = self._org.associate if wish["assigned"] else self._org.disassociate
        change(pair, str(self._org.settings.get("sync_role")), str(self._org.settings.get("sync_user")))

    def _security(self, wish: Wish) -> None:
        """Secure a column or free it, and set what the sync user's profile allows."""
        table = self._named(wish)
        column = table.columns[wish["column"]]
        if not column.can_be_secured or column.name == table.primary_name:
            raise ValueError(f"the column {column.name} cannot be secured")
        self._org.catalogue.put_column(table.name, replace(column, secured=bool(wish.get("secured", True))))
        profile = self._org.settings.get("sync_profile")
        named = {"entityname": table.name, "attributelogicalname": column.name, "fieldsecurityprofileid": profile}
        permissions = {f"can{way}": 4 if wish.get(way) else 0 for way in ("read", "create", "update")}
        permission = self._org.catalogue.named("fieldpermission")
        version = {"versionnumber": self._org.rows.next_version()}
        for row in self._org.rows.find(permission, named):
            self._org.rows.update(permission, str(row["fieldpermissionid"]), {**permissions, **version})
            return
        id = self._org.rows.next_ids(permission)[0]
        self._org.rows.insert("fieldpermission", {"fieldpermissionid": id, **named, **permissions, **version})

    def _rule(self, wish: Wish) -> None:
        if wish.get("remove"):
            self._rules.remove(wish["name"])
        else:
            self._rules.put(wish)

    def _column(self, wish: Wish) -> None:
        table = self._named(wish)
        wish.pop("table")
        if wish.get("remove"):
            self._org.catalogue.remove_column(table.name, wish["name"])
            return
        self._org.rows.prepare(self._org.catalogue.put_column(table.name, custom_column(wish)))

    def _table(self, wish: Wish) -> None:
        table = self._org.catalogue.switch(
            self._named(wish).name, **{key: value for key, value in wish.items() if key != "table"}
        )
        if "bulk" in wish:
            list_messages(self._org, table)

    def _consumer(self, wish: Wish) -> None:
        id = str(wish.get("client_id", CLIENT_ID))
        known = self._oauth.consumer(id) or Consumer(id, CLIENT_SECRET, False, None, id)
        self._oauth.register(replace(known, **{**wish, "client_id": id}))

    def _named(self, wish: Wish) -> Table:
        found = self._org.catalogue.find(str(wish["table"]))
        if found is None:
            raise ValueError(f"no table {wish['table']!r}")
        return found


def custom_column(wish: Mapping[str, Any]) -> Column:
    """A custom column from its JSON. Raises ValueError for a bad definition."""
    name = str(wish["name"])
    prefix, _, plain = name.partition("_")
    if not (prefix.isalnum() and plain.isidentifier() and name.isascii() and name == name.lower()):
        raise ValueError("the name of a custom column is in lower case and begins with a publisher's prefix: new_size")
    kind = Kind(wish.get("kind", Kind.STRING))
    known = {field.name for field in fields_of(Column)}
    if strange := wish.keys() - known - {"labels"}:
        raise ValueError(f"a column has no {', '.join(sorted(strange))}")
    labels = wish.get("labels", ("No", "Yes") if kind is Kind.BOOLEAN else ())
    start = 0 if kind is Kind.BOOLEAN else _FIRST_OPTION
    made: dict[str, Any] = {
        "label": plain.replace("_", " ").title(),
        "schema_name": f"{prefix}_{plain.title()}",
        "length": _DEFAULT_LENGTHS.get(kind, 0),
        "format": _FORMATS.get(kind, ""),
        "behavior": "UserLocal" if kind is Kind.DATE_TIME else "",
        "options": tuple(Option(value, label) for value, label in enumerate(labels, start)),
        **{key: value for key, value in wish.items() if key != "labels"},
    }
    return Column(**{**made, "kind": kind, "custom": True})
