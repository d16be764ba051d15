"""What stands between the connection and an emulator: control endpoints, counted calls, scripted faults."""

import json
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from werkzeug import Request, Response

from mksync.sandbox import transport_faults
from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.emulator import IN_FLIGHT, Emulator
from mksync.sandbox.faults import AFTER_EFFECT, LONGEST_DELAY, Fault, Faults
from mksync.sandbox.http11 import Reply
from mksync.sandbox.latency import Latency

CONTROL = "/__sandbox__/"


class Calls:
    """How often each path of each vendor was called. Thread-safe."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def add(self, vendor: str, path: str) -> None:
        with self._lock:
            self._counts[vendor, path] += 1

    def clear(self) -> None:
        with self._lock:
            self._counts.clear()

    def counts(self) -> dict[str, dict[str, int]]:
        """Vendor to path to number of calls."""
        with self._lock:
            found: dict[str, dict[str, int]] = {}
            for (vendor, path), count in sorted(self._counts.items()):
                found.setdefault(vendor, {})[path] = count
            return found

    def total(self, vendor: str) -> int:
        return sum(self.counts().get(vendor, {}).values())


class Control:
    """The endpoints under `/__sandbox__/`, the same on every vendor's port."""

    def __init__(self, clock: SandboxClock, faults: Faults, calls: Calls, latency: Latency) -> None:
        self._clock = clock
        self._latency = latency
        self._faults = faults
        self._calls = calls
        self._routes: dict[tuple[str, str], Callable[[Request], object]] = {
            ("GET", "clock"): lambda _: {"now": clock.now()},
            ("POST", "clock"): self._advance,
            ("POST", "faults"): self._script,
            ("DELETE", "faults"): lambda _: faults.clear(),
            ("GET", "latency"): lambda _: latency.all(),
            ("POST", "latency"): self._slow,
            ("GET", "calls"): lambda _: calls.counts(),
            ("DELETE", "calls"): lambda _: calls.clear(),
        }

    def answer(self, request: Request) -> Response:
        route = self._routes.get((request.method, request.path.removeprefix(CONTROL)))
        if route is None:
            return _json({"error": "no such control"}, 404)
        try:
            return _json(route(request) or {}, 200)
        except (TypeError, ValueError, KeyError) as problem:
            return _json({"error": str(problem)}, 400)

    def _advance(self, request: Request) -> object:
        self._clock.advance(float(json.loads(request.get_data())["advance"]))
        return {"now": self._clock.now()}

    def _slow(self, request: Request) -> object:
        wish: dict[str, Any] = json.loads(request.get_data())
        self._latency.set(float(wish["ms"]), wish.get("vendor"))
        return self._latency.all()

    def _script(self, request: Request) -> None:
        wish: dict[str, Any] = json.loads(request.get_data())
        self._faults.script(Fault(**wish))


class Gate:
    """One vendor's door: counts the call, lets a scripted fault strike, else asks the emulator."""

    def __init__(self, emulator: Emulator, faults: Faults, calls: Calls, control: Control, latency: Latency) -> None:
        self._emulator = emulator
        self._faults = faults
        self._calls = calls
        self._control = control
        self._latency = latency
        self._in_flight = 0
        self._lock = threading.Lock()

    def __call__(self, request: Request) -> Reply:
        if request.path.startswith(f"{CONTROL}{self._emulator.name}/"):
            return Reply(self._handle(request))  # a vendor's own controls: no call of a client, so no fault strikes
        if request.path.startswith(CONTROL):
            return Reply(self._control.answer(request))
        self._calls.add(self._emulator.name, request.path)
        request.environ[IN_FLIGHT] = self._enter()
        try:
            self._latency.wait(self._emulator.name)
            return self._serve(request)
        finally:
            self._leave()

    def _serve(self, request: Request) -> Reply:
        fault = self._faults.take(self._emulator.name, request.method, request.path)
        if fault is None:
            return Reply(self._handle(request))
        if fault.name == "slow":
            time.sleep(min(fault.seconds, LONGEST_DELAY))
            return Reply(self._handle(request))
        effect = self._handle(request) if fault.name in AFTER_EFFECT else None
        return self._struck(fault, request, effect)

    def _struck(self, fault: Fault, request: Request, effect: Response | None) -> Reply:
        if spoilt := transport_faults.reply(fault, effect):
            return spoilt
        worded = self._emulator.fault(fault, request)
        return Reply(worded or Response(f"{self._emulator.name} has no fault {fault.name}", 501))

    def _handle(self, request: Request) -> Response:
        try:
            return self._emulator.handle(request)
        except Exception:
            # A bug of the sandbox must be seen as such, and must not look like a vendor's answer.
            logging.getLogger(__name__).exception("the %s emulator failed at %s", self._emulator.name, request.path)
            return Response("the sandbox itself failed; see its log", 500)

    def _enter(self) -> int:
        with self._lock:
            self._in_flight += 1
            return self._in_flight

    def _leave(self) -> None:
        with self._lock:
            self._in_flight -= 1


def _json(value: object, status: int) -> Response:
    return Response(json.dumps(value), status, mimetype="application/json")
