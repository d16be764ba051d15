"""Rate, concurrency and quota, and the statistics that an admin reads them from."""

import threading
from datetime import UTC, date, datetime

import pytest
import requests

from mksync.sandbox.marketo.meter import Limits
from mksync.sandbox.marketo.times import central_day, central_text, parse_instant
from tests.sandbox.marketo.api import Api, code


def test_the_hundred_and_first_call_in_twenty_seconds_is_606(api: Api) -> None:
    api.marketo.limits = Limits()
    codes = [api.get("leads/partitions")["success"] for _ in range(100)]
    assert all(codes)
    refused = api.get("leads/partitions")
    assert refused["errors"] == [{"code": "606", "message": "Max rate limit '100' exceeded with in '20' secs"}]
    api.sandbox.clock.advance(19)
    assert code(api.get("leads/partitions")) == "606"
    api.sandbox.clock.advance(1.1)
    assert api.get("leads/partitions")["success"]


def test_free_errors_use_up_neither_rate_nor_quota(api: Api) -> None:
    api.marketo.limits = Limits(calls=2, daily_quota=2)
    good = str(api.session.headers["Authorization"])
    for _ in range(5):
        api.session.headers["Authorization"] = "Bearer wrong"
        assert code(api.get("leads/partitions")) == "601"
    api.session.headers["Authorization"] = good
    assert code(api.session.put(api.url("leads")).json()) == "605"
    assert api.get("leads/partitions")["success"]
    assert api.get("leads/partitions")["success"]
    assert code(api.get("leads/partitions")) == "607"


def test_the_daily_quota_comes_back_at_midnight_in_chicago(api: Api) -> None:
    api.marketo.limits = Limits(daily_quota=3)
    assert [api.get("leads/partitions")["success"] for _ in range(4)] == [True, True, True, False]
    midnight = parse_instant("2026-03-03T06:00:00Z")  # 00:00 at UTC-6
    api.sandbox.clock.advance(midnight - 1 - api.sandbox.clock.now())
    api.sign_in()
    assert code(api.get("leads/partitions")) == "607"
    api.sandbox.clock.advance(1)
    assert api.get("leads/partitions")["success"]


def test_one_call_too_many_at_the_same_time_is_615(api: Api) -> None:
    api.marketo.limits = Limits(concurrency=1)
    script = {"name": "slow", "vendor": "marketo", "path": "describe", "seconds": 0.4}
    api.session.post(f"{api.sandbox.marketo_url}/__sandbox__/faults", json=script)
    token = {"Authorization": str(api.session.headers["Authorization"])}
    slow = threading.Thread(target=lambda: requests.get(api.url("leads/describe"), headers=token))
    slow.start()
    codes = set()
    while slow.is_alive() and "615" not in codes:
        reply = api.get("leads/partitions")
        codes |= {error["code"] for error in reply.get("errors", [])}
    slow.join()
    assert codes == {"615"}
    assert api.get("leads/partitions")["success"]


def test_usage_and_errors_are_told_per_day(api: Api) -> None:
    api.get("leads/partitions")
    api.get("nothing")
    api.sandbox.clock.advance(86_400)
    api.sign_in()
    api.get("nothing")
    today = {"date": "2026-03-03", "total": 1, "users": [{"userId": "mksync@api.example.com", "count": 1}]}
    assert api.get("stats/usage")["result"] == [today]
    week = api.get("stats/usage/last7days")["result"]
    assert [(day["date"], day["total"]) for day in week[:3]] == [
        ("2026-03-03", 2),
        ("2026-03-02", 2),
        ("2026-03-01", 0),
    ]
    assert len(week) == 7
    errors = {"date": "2026-03-03", "total": 1, "errors": [{"errorCode": "610", "count": 1}]}
    assert api.get("stats/errors")["result"] == [errors]
    assert [day["total"] for day in api.get("stats/errors/last7days")["result"]] == [1, 1, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("utc", "day"),
    [
        ("2026-01-15T05:59:59", "2026-01-14"),
        ("2026-01-15T06:00:00", "2026-01-15"),
        ("2026-07-15T04:59:59", "2026-07-14"),
        ("2026-07-15T05:00:00", "2026-07-15"),
        ("2026-03-08T05:59:59", "2026-03-07"),  # the clocks go forward that night
        ("2026-03-09T05:00:00", "2026-03-09"),
        ("2026-11-01T05:00:00", "2026-11-01"),  # and back on this one
        ("2026-11-02T05:59:59", "2026-11-01"),
        ("2026-11-02T06:00:00", "2026-11-02"),
    ],
)
def test_a_day_ends_at_midnight_in_chicago(utc: str, day: str) -> None:
    assert central_day(datetime.fromisoformat(utc).replace(tzinfo=UTC).timestamp()) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("utc", "local"),
    [
        ("2026-03-08T07:59:59", "2026-03-08 01:59:59"),
        ("2026-03-08T08:00:00", "2026-03-08 03:00:00"),
        ("2026-11-01T06:59:59", "2026-11-01 01:59:59"),
        ("2026-11-01T07:00:00", "2026-11-01 01:00:00"),
    ],
)
def test_the_clocks_of_chicago_change_at_two(utc: str, local: str) -> None:
    assert central_text(datetime.fromisoformat(utc).replace(tzinfo=UTC).timestamp()) == local
