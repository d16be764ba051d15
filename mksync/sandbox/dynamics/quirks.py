"""The names of the switches that the package's docstring explains."""

QUIRKS = frozenset(
    {
        "native_sync",
        "secret_400",
        "disabled_user_401",
        "row_denied_as_privilege",
        "secured_filter_refused",
        "keep_empty_text",
        "trim_text",
        "null_boolean_refused",
        "date_accepts_time",
        "etag_on_missing_412",
        "key_clash_is_duplicate_record",
        "duplicates_500",
        "merge_cancels_lead",
        "qualify_answers_rows",
        "qualify_leaves_lead_bare",
        "expired_token_reads_all",
        "tracking_refused_500",
        "changeset_error_bare",
        "lenient_line_feeds",
        "ne_skips_null",
        "eq_wildcards",
        "trailing_blanks_count",
        "update_multiple_by_id_only",
        "delta_selected_only",
    }
)


def known(quirks: frozenset[str]) -> frozenset[str]:
    """The same set; raises ValueError if it names a switch there is not."""
    if strange := quirks - QUIRKS:
        raise ValueError(f"no such quirk: {', '.join(sorted(strange))}; there are: {', '.join(sorted(QUIRKS))}")
    return quirks
