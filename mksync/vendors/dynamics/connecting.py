"""From settings to a port: the session, its limits and its meter put together."""

from mksync.ports import Beside, Clock
from mksync.vendors.dynamics.auth import auth
from mksync.vendors.dynamics.client import Client, whose
from mksync.vendors.dynamics.errors import classify
from mksync.vendors.dynamics.pace import KeptPace, Pace
from mksync.vendors.dynamics.port import TITLE, DynamicsPort
from mksync.vendors.dynamics.settings import Settings
from mksync.wire.kept import kept
from mksync.wire.limits import Limiter
from mksync.wire.meter import Meter
from mksync.wire.redact import Redactor
from mksync.wire.session import Session

# Per user and web server ("Service protection API limits"): 6,000 requests in 300 seconds, 52 at once. More than a few
# at once would meet the third limit, on execution time, and other integrations of the same user.
CALLS = 6_000
WINDOW = 300.0
CONCURRENT = 4


def connect(settings: Settings, clock: Clock, beside: Beside | None = None) -> DynamicsPort:
    """A port that signs in with its first call."""
    counted = beside.file("dynamics-calls") if beside else None
    secret = settings.client_secret or settings.certificate or ""
    redactor = Redactor(secret)
    meter = Meter(TITLE, budget=settings.daily_calls, clock=clock, reserve=settings.reserve)
    session = Session(
        system=TITLE,
        origin=settings.url,
        auth=auth(settings, clock),
        classify=classify,
        limiter=Limiter(clock, calls=CALLS, per=WINDOW, concurrent=CONCURRENT, beside=counted),
        meter=meter,
        clock=clock,
        redactor=redactor,
        keep=kept(beside, "dynamics", settings.signed_in_with, secret, clock),
        organisation=whose,
    )
    pace = Pace(clock, KeptPace(beside.file("dynamics-pace"), settings.url, clock) if beside else None)
    return DynamicsPort(Client(session, meter, clock), clock, settings.url.partition("://")[2], pace)
