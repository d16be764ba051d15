"""The names of the switches that the package's docstring explains."""

QUIRKS = frozenset(
    {
        "keep_email_case",
        "keep_choice_order",
        "strip_nbsp",
        "reject_control_characters",
        "crlf",
        "exact_choices",
        "null_boolean_is_false",
        "delete_keeps_stamp",
        "convert_keeps_modified",
        "guarded_upsert",
        "empty_412",
        "deleted_is_400",
        "denied_is_400",
        "later_duplicate_fails",
        "collection_missing_not_found",
        "collection_unknown_field_fails_call",
        "short_pages",
        "per_app_usage",
        "roles_skip_bin",
        "bulk_plus_zero",
        "bulk_nul_bytes",
        "bulk_next_record_url",
        "bulk_query_unordered",
        "bulk_assigns",
    }
)


def known(quirks: frozenset[str]) -> frozenset[str]:
    """The same set; raises ValueError if it names a switch there is not."""
    if strange := quirks - QUIRKS:
        raise ValueError(f"no such quirk: {', '.join(sorted(strange))}; there are: {', '.join(sorted(QUIRKS))}")
    return quirks
