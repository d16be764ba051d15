"""The endpoints below `/__sandbox__/marketo/`: what a marketer or an admin does in Marketo itself.

- GET `rows?object=…`: every record of an object with all of its fields; objects as `marketer.py` names them.
- POST `edits`: `kind` create, update or delete, `object`, `id`, `values`. Answers with the record's `id`.
- POST `fields`: a custom field: `object`, `name`, `type`, `display`.
- POST `permissions`: `revoke` and `grant`, lists of the role's permissions by name.

What makes no sense is answered with HTTP 400 and an `error`.
"""

import json
from collections.abc import Callable
from typing import Any

from werkzeug import Request, Response

from mksync.sandbox.marketo.marketer import Marketer
from mksync.sandbox.marketo.permissions import Permissions

PREFIX = "/__sandbox__/marketo/"
Wish = dict[str, Any]


class Control:
    def __init__(self, marketer: Marketer, permissions: Permissions) -> None:
        self._marketer = marketer
        self._permissions = permissions
        self._posts: dict[str, Callable[[Wish], object]] = {
            "edits": lambda wish: {"id": marketer.edit(**wish)},
            "fields": lambda wish: marketer.add_field(**wish),
            "permissions": self._permit,
        }

    def answer(self, request: Request) -> Response:
        name = request.path.removeprefix(PREFIX)
        try:
            if request.method == "GET" and name == "rows":
                return _json({"rows": self._marketer.rows(request.args.get("object", ""))}, 200)
            if request.method == "POST" and name in self._posts:
                return _json(self._posts[name](json.loads(request.get_data())) or {}, 200)
        except (TypeError, ValueError, AttributeError) as problem:
            return _json({"error": str(problem)}, 400)
        return _json({"error": "no such control"}, 404)

    def _permit(self, wish: Wish) -> None:
        self._permissions.revoke(*wish.get("revoke", ()))
        self._permissions.grant(*wish.get("grant", ()))


def _json(value: object, status: int) -> Response:
    return Response(json.dumps(value), status, mimetype="application/json")
