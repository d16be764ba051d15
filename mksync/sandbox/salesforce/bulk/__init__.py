"""Bulk API 2.0: jobs that run on the sandbox's clock, their results as CSV.

A job waits `bulk_queue_seconds` and runs for `bulk_seconds`, settings of the organisation; both are 0, so that it is
done when it is asked for again. Source: Bulk API 2.0 and Bulk API Developer Guide.
"""
