"""The endpoints below `/__sandbox__/salesforce/`: what an administrator, another user or time itself does.

POST a JSON object to one of these; GET reads `rules`, `settings`, `users` and `keys`.

- `access`: `object`, `field` (absent: the object), `access` edit, read or none: the sync user's profile.
- `rules`: a rule as `rules.py` describes it, or the keys to change of one; `{"name": …, "remove": true}`.
- `fields`: a custom field: `object`, `name` (ending in __c), `type`, and what else `Field` has; `access`.
- `edits`: another user's edit: `kind` create, update, delete or undelete, `object`, `id`, `values`, `user`, and
  `open_seconds`, how long its transaction stays open. Answers with the record's id.
- `transactions`: `{"seconds": n}` opens one that edits nothing; `{"commit": true}` ends all.
- `settings`: any of `org.DEFAULTS`. `purge`: `object`, empties its recycle bin.
- `keys`: `client_id`, `public_key` (PEM) for JWT sign-in; GET answers with the sandbox's own private key.
- `sessions`: `{"end": true}` ends all.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields as fields_of
from typing import Any

from mksync.sandbox.salesforce.calls import Answer
from mksync.sandbox.salesforce.errors import ApiError
from mksync.sandbox.salesforce.fields import NUMBERS, TEXTS, Choice, Field, label_of
from mksync.sandbox.salesforce.oauth import OAuth
from mksync.sandbox.salesforce.org import DEFAULTS, Org
from mksync.sandbox.salesforce.others import Others
from mksync.sandbox.salesforce.replication import Replication
from mksync.sandbox.salesforce.rules import Rules
from mksync.sandbox.salesforce.sessions import Sessions

PREFIX = "/__sandbox__/salesforce/"
_TYPES = frozenset(TEXTS | NUMBERS | {"boolean", "date", "datetime", "reference"})
_DEFAULT_LENGTHS = {
    "string": 255,
    "textarea": 255,
    "phone": 40,
    "url": 255,
    "email": 80,
    "picklist": 255,
    "reference": 18,
}
Wish = dict[str, Any]


class Control:
    def __init__(
        self, org: Org, rules: Rules, others: Others, oauth: OAuth, sessions: Sessions, replication: Replication
    ) -> None:
        self._org = org
        self._rules = rules
        self._others = others
        self._oauth = oauth
        self._sessions = sessions
        self._replication = replication
        self._posts: Mapping[str, Callable[[Wish], object]] = {
            "access": self._access,
            "rules": self._rule,
            "fields": self._field,
            "edits": self._edit,
            "transactions": self._transaction,
            "settings": self._org.settings.change,
            "purge": self._purge,
            "keys": lambda wish: self._oauth.set_public_key(wish["client_id"], wish["public_key"]),
            "sessions": lambda _: self._sessions.close_all(),
        }
        self._gets: Mapping[str, Callable[[], object]] = {
            "rules": self._rules.all,
            "settings": lambda: {name: self._org.settings.get(name) for name in DEFAULTS},
            "users": lambda: {name: self._org.settings.get(name) for name in ("sync_user", "admin_user", "queue")},
            "keys": lambda: {"private_key": self._oauth.private_key()},
        }

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        name = path.removeprefix(PREFIX).strip("/")
        try:
            if method == "GET" and name in self._gets:
                return Answer(200, self._gets[name]())
            if method == "POST" and name in self._posts:
                return Answer(200, self._posts[name](json.loads(body)) or {})
        except ApiError as error:
            return Answer(400, {"error": error.body()})
        except (TypeError, ValueError, KeyError, AttributeError) as problem:
            return Answer(400, {"error": str(problem)})
        return Answer(404, {"error": "no such control"})

    def _access(self, wish: Wish) -> None:
        self._org.catalogue.set_access(wish["object"], wish.get("field"), wish["access"])
        self._metadata_changed()

    def _rule(self, wish: Wish) -> None:
        if wish.get("remove"):
            self._rules.remove(wish["name"])
        else:
            self._rules.put(wish)

    def _field(self, wish: Wish) -> None:
        object = self._org.catalogue.object(wish.pop("object"))
        level = wish.pop("access", "none")
        if object is None:
            raise ValueError("no such object")
        self._org.catalogue.add_field(object.name, custom_field(object.name, wish))
        self._org.tables.prepare(self._org.catalogue.named(object.name))
        self._org.catalogue.set_access(object.name, wish["name"], level)
        self._metadata_changed()

    def _edit(self, wish: Wish) -> object:
        seconds = float(wish.pop("open_seconds", self._org.settings.get("visibility_delay")))
        return {"id": self._others.edit(**wish, open_seconds=seconds)}

    def _transaction(self, wish: Wish) -> None:
        if wish.get("commit"):
            self._others.commit_all()
        else:
            self._others.open_transaction(float(wish["seconds"]))

    def _purge(self, wish: Wish) -> None:
        object = self._org.catalogue.named(wish["object"])
        self._replication.purge(object.name, self._org.clock.now())

    def _metadata_changed(self) -> None:
        self._org.settings.put("metadata_changed", int(self._org.clock.now()))


def custom_field(object: str, wish: Mapping[str, Any]) -> Field:
    """A custom field from its JSON. Raises ValueError for a bad definition."""
    name, type = str(wish["name"]), str(wish.get("type", "string"))
    if not name.endswith("__c") or not name.removesuffix("__c").isidentifier() or not name.isascii():
        raise ValueError("the name of a custom field is a plain word followed by __c")
    if type not in _TYPES:
        raise ValueError(f"no field type {type!r}; there are: {', '.join(sorted(_TYPES))}")
    if (type == "reference") != bool(wish.get("reference_to")):
        raise ValueError("a reference, and nothing else, names the objects it refers to in reference_to")
    known = {field.name for field in fields_of(Field)}
    if strange := wish.keys() - known - {"choices"}:
        raise ValueError(f"a field has no {', '.join(sorted(strange))}")
    made: dict[str, Any] = {
        "label": label_of(object, name),
        "length": _DEFAULT_LENGTHS.get(type, 4_099 if type == "multipicklist" else 0),
        "precision": 18 if type in ("double", "currency", "percent") else 0,
        **wish,
        "type": type,
        "custom": True,
        "defaulted": type == "boolean",
        "nillable": type != "boolean" and bool(wish.get("nillable", True)),
        "choices": tuple(Choice(value) for value in wish.get("choices", ())),
        "reference_to": tuple(wish.get("reference_to", ())),
    }
    made["id_lookup"] = bool(made.get("external_id"))
    return Field(**made)
