"""Switches for what Marketo's documents leave open or contradict each other in. All are off by default.

| switch | off | on |
| --- | --- | --- |
| astral_truncates | characters beyond U+FFFF are kept | the stored text ends where the first one stands |
| reject_unknown_http_404 | an unknown address answers 610 with HTTP 200 | 610 with HTTP 404 |
| native_sync | no CRM is attached | sfdc… fields exist and are CRM-managed; writing companies answers 1018 |
| token_in_query | the token only counts in the header | `access_token` as a parameter counts as well |
| type_mismatch_1001 | a value of a wrong type is refused with 1003 | with 1001 |
| empty_string_kept | "" clears a field, as null does | "" is stored as an empty text |
| read_only_1011 | writing a read-only field is refused with 1006 | with 1011 |
| any_email | the syntax of e-mail addresses is checked | any text is taken |
| exact_case | text is matched regardless of case | only the same case matches |
| partition_required | a new lead goes to the default partition | 1009 unless `partitionName` is given |
| modifying_user | activities tell Source and Reason only | API Method Name, Modifying User, Request Id too |
| no_activity_ids | activities carry `id` and `marketoGUID` | only `marketoGUID` |
| tokens_by_date | feeds run in the order of becoming visible | by activity date: what comes late is passed over |
| empty_pages | a page is empty only at the end | before each page comes an empty one with `moreResult` |
| unknown_lead_empty | `lead/{id}.json` of an unknown id answers 1004 | an empty result |
| omits_nulls | empty fields that were asked for are null | they are left out |
| early_updated_at | a new lead's two stamps are the same | `updatedAt` is a second before `createdAt` |
"""

QUIRKS = frozenset(
    {
        "astral_truncates",
        "reject_unknown_http_404",
        "native_sync",
        "token_in_query",
        "type_mismatch_1001",
        "empty_string_kept",
        "read_only_1011",
        "any_email",
        "exact_case",
        "partition_required",
        "modifying_user",
        "no_activity_ids",
        "tokens_by_date",
        "empty_pages",
        "unknown_lead_empty",
        "omits_nulls",
        "early_updated_at",
    }
)


def checked(quirks: frozenset[str]) -> frozenset[str]:
    """The same switches; raises ValueError for one that does not exist."""
    unknown = quirks - QUIRKS
    if unknown:
        raise ValueError(f"Marketo has no switch {', '.join(sorted(unknown))}; it has {', '.join(sorted(QUIRKS))}")
    return quirks
