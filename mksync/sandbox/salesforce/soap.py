"""The SOAP partner endpoint, as far as there is no REST for it: convertLead, merge, undelete, and two questions.

Source: SOAP API Developer Guide, "Core Calls", "Utility Calls".
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from mksync.sandbox.salesforce import envelope, ids
from mksync.sandbox.salesforce.calls import RowFault
from mksync.sandbox.salesforce.conversion import MOST_CONVERTED, Conversion, Request
from mksync.sandbox.salesforce.envelope import Content, Element, Fault
from mksync.sandbox.salesforce.errors import ApiError, refuse
from mksync.sandbox.salesforce.merging import MOST_REQUESTS, Merging
from mksync.sandbox.salesforce.org import Actor, Org
from mksync.sandbox.salesforce.sessions import Sessions
from mksync.sandbox.salesforce.usage import Usage
from mksync.sandbox.salesforce.writes import Save, Writer

_ILLEGAL = "Invalid Session ID found in SessionHeader: Illegal Session"
Operation = Callable[[Element, Save], list[Content]]


class Soap:
    def __init__(self, org: Org, writer: Writer, sessions: Sessions, usage: Usage) -> None:
        self._org = org
        self._writer = writer
        self._sessions = sessions
        self._usage = usage
        self._conversion = Conversion(org, writer)
        self._merging = Merging(org, writer)
        self._operations: dict[str, Operation] = {
            "convertLead": self._convert,
            "merge": self._merge,
            "undelete": self._undelete,
            "getServerTimestamp": lambda _, __: [[("timestamp", self._org.now.replace("+0000", "Z"))]],
            "getUserInfo": self._user_info,
        }

    def answer(self, body: bytes, *, row_fault: RowFault | None = None) -> tuple[int, str]:
        """The HTTP status and the envelope that answers a request."""
        try:
            header, operation = envelope.read(body)
            name = envelope.name_of(operation)
            save = self._save(header, self._actor(header))
            self._count()
            results = self._run(name, operation, save, row_fault)
            return 200, envelope.answer(name, results, self._usage.used(), self._usage.most())
        except Fault as fault:
            return 500, envelope.fault(fault)

    def _run(self, name: str, operation: Element, save: Save, row_fault: RowFault | None) -> list[Content]:
        run = self._operations.get(name)
        if run is None:
            raise Fault("INVALID_OPERATION", f"No operation available for request {name}")
        if row_fault is None:
            return run(operation, save)
        return [_failure([], row_fault(None))]

    def _actor(self, header: Element | None) -> Actor:
        token = envelope.text(envelope.child(header, "SessionHeader"), "sessionId")
        actor = self._sessions.find(token) if token else None
        if actor is None:
            raise Fault("INVALID_SESSION_ID", _ILLEGAL)
        return actor

    def _count(self) -> None:
        try:
            self._usage.count()
        except ApiError as full:
            raise Fault(full.complaints[0].code, full.complaints[0].message) from None

    def _save(self, header: Element | None, actor: Actor) -> Save:
        duplicates = envelope.child(header, "DuplicateRuleHeader")
        truncation = envelope.child(header, "AllowFieldTruncationHeader")
        return Save(
            actor=actor,
            allow_duplicates=envelope.flag(duplicates, "allowSave"),
            show_duplicates=envelope.flag(duplicates, "includeRecordDetails"),
            truncate=envelope.flag(truncation, "allowFieldTruncation"),
        )

    def _convert(self, operation: Element, save: Save) -> list[Content]:
        wishes = [element for element in operation if envelope.name_of(element) == "leadConverts"]
        if len(wishes) > MOST_CONVERTED:
            raise Fault("EXCEEDED_LEAD_CONVERT_LIMIT", f"at most {MOST_CONVERTED} leads can be converted in a call")
        return [self._convert_one(wish, save) for wish in wishes]

    def _convert_one(self, wish: Element, save: Save) -> Content:
        request = Request(
            lead=envelope.text(wish, "leadId") or "",
            status=envelope.text(wish, "convertedStatus"),
            account=envelope.text(wish, "accountId"),
            contact=envelope.text(wish, "contactId"),
            opportunity=envelope.text(wish, "opportunityId"),
            opportunity_name=envelope.text(wish, "opportunityName"),
            no_opportunity=envelope.flag(wish, "doNotCreateOpportunity"),
            overwrite_source=envelope.flag(wish, "overwriteLeadSource"),
            owner=envelope.text(wish, "ownerId"),
        )
        try:
            with self._org.savepoint():
                made = self._conversion.convert(request, replace(save, assign=False))
        except ApiError as error:
            lead = ids.widen(request.lead) or request.lead or None
            nothing = [("accountId", None), ("contactId", None)]
            return [*nothing, *_errors(error), ("leadId", lead), ("opportunityId", None), ("success", False)]
        return [
            ("accountId", made.account),
            ("contactId", made.contact),
            ("leadId", made.lead),
            ("opportunityId", made.opportunity),
            ("success", True),
        ]

    def _merge(self, operation: Element, save: Save) -> list[Content]:
        requests = [element for element in operation if envelope.name_of(element) == "request"]
        if len(requests) > MOST_REQUESTS:
            raise Fault("EXCEEDED_ID_LIMIT", f"at most {MOST_REQUESTS} merge requests in a call")
        return [self._merge_one(request, save) for request in requests]

    def _merge_one(self, request: Element, save: Save) -> Content:
        master = envelope.child(request, "masterRecord")
        losers = [str(e.text).strip() for e in request if envelope.name_of(e) == "recordToMergeIds"]
        id = envelope.text(master, "Id") or ""
        try:
            with self._org.savepoint():
                type = envelope.text(master, "type") or ""
                merged = self._merging.merge(type, id, losers, self._values(master), save)
        except ApiError as error:
            return _failure([("id", id or None)], error)
        return [
            ("id", merged.survivor),
            *[("mergedRecordIds", loser) for loser in merged.losers],
            ("success", True),
            *[("updatedRelatedIds", child) for child in merged.moved],
        ]

    def _values(self, master: Element | None) -> dict[str, Any]:
        """The field values of an sObject element; `fieldsToNull` names those to clear."""
        values: dict[str, Any] = {}
        for element in master if master is not None else ():
            name = envelope.name_of(element)
            if name == "fieldsToNull":
                values[str(element.text).strip()] = None
            elif name not in ("type", "Id"):
                values[name] = element.text
        return values

    def _undelete(self, operation: Element, save: Save) -> list[Content]:
        wanted = [str(e.text).strip() for e in operation if envelope.name_of(e) == "ids"]
        return [self._undelete_one(raw, save) for raw in wanted]

    def _undelete_one(self, raw: str, save: Save) -> Content:
        id = ids.widen(raw)
        object = self._org.catalogue.by_id(raw)
        try:
            if id is None or object is None:
                raise refuse("MALFORMED_ID", f"malformed id {raw}")
            with self._org.savepoint():
                self._writer.undelete(object.name, id, save)
        except ApiError as error:
            return _failure([("id", id)], error)
        return [("id", id), ("success", True)]

    def _user_info(self, _: Element, save: Save) -> list[Content]:
        user = self._org.tables.get("User", save.actor.user_id) or {}
        company = self._org.tables.get("Organization", self._org.id) or {}
        return [
            [
                ("organizationId", self._org.id),
                ("organizationName", company.get("Name")),
                ("userEmail", user.get("Email")),
                ("userFullName", user.get("Name")),
                ("userId", save.actor.user_id),
                ("userLanguage", user.get("LanguageLocaleKey")),
                ("userLocale", user.get("LocaleSidKey")),
                ("userName", user.get("Username")),
                ("userTimeZone", user.get("TimeZoneSidKey")),
                ("userType", "Standard"),
            ]
        ]


def _failure(before: Sequence[tuple[str, Any]], error: ApiError) -> Content:
    return [*before, *_errors(error), ("success", False)]


def _errors(error: ApiError) -> list[tuple[str, Any]]:
    return [
        (
            "errors",
            [
                *[("fields", name) for name in complaint.fields or ()],
                ("message", complaint.message),
                ("statusCode", complaint.code),
            ],
        )
        for complaint in error.complaints
    ]
