"""What Microsoft Entra ID answers where it gives no token.

Source: Microsoft Learn, "Microsoft Entra authentication and authorization error codes".
"""

import uuid

from mksync.sandbox.dynamics.call import Answer
from mksync.sandbox.dynamics.org import stamp

AUTHORITY = "https://login.microsoftonline.com"
JSON = "application/json; charset=utf-8"


class Refused(Exception):  # noqa: N818 - the OAuth word is error, the answer is a refusal
    """A token that is not given: HTTP status, OAuth error, AADSTS number and text."""

    def __init__(self, status: int, error: str, number: int, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.error = error
        self.number = number
        self.description = description


def told(refused: Refused, now: float) -> Answer:
    """A refusal as the directory answers it."""
    moment = stamp(now).replace("T", " ")
    trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
    text = f"AADSTS{refused.number}: {refused.description}"
    body = {
        "error": refused.error,
        "error_description": f"{text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {moment}",
        "error_codes": [refused.number],
        "timestamp": moment,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": f"{AUTHORITY}/error?code={refused.number}",
    }
    return Answer(refused.status, body, content_type=JSON)
