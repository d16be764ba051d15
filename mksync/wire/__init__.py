"""The one HTTP layer: sessions, retries, rate limits, call budgets, redaction. The only door to `requests`.

It knows no vendor: how a reply is to be read (`verdict`) and how to sign in (`session.Auth`) are handed in.
"""
