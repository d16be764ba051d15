"""Switches for what Marketo's documents leave open or contradict each other in. All are off by default.

| switch | off | on |
| --- | --- | --- |
| astral_truncates | characters beyond U+FFFF are kept | the stored text ends where the first one stands |
| reject_unknown_http_404 | an unknown address answers 610 with HTTP 200 | 610 with HTTP 404 |
| native_sync | no CRM is attached | sfdc… fields exist, CRM-managed; writing companies and the like answers 1018 |
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
| native_objects_disabled | native_sync leaves companies and the like readable, but roles | reading answers 1018 too |
| no_custom_objects | custom objects are there | their addresses answer 1026 |
| no_custom_schema | types of custom objects can be made by API | the addresses for that answer 616 |
| custom_object_suffix | a custom object is called as it was asked for | its API name ends in `_c` |
| id_field_upsert | `dedupeBy: idField` goes with updateOnly | with createOrUpdate too; it still creates nothing |
| unknown_links_kept | a lead or company that names an unknown company or owner is refused, 1013 | the name is kept |
| unknown_parent_per_record | 718 of an opportunity fails the whole call | it skips the record |
| frozen_ignored | changing what is not updateable is refused, as read-only fields are | `updated`, and it stays |
| leads_write_companies | company fields of a linked lead are refused with 1021 | they change the company |
| company_changes_logged | what leads inherit from their company is no change of theirs | activities tell of it |
| in_use_stays | of all objects only sales persons in use are refused deletion, 1022 | companies, opportunities too |
| orphans_deleted | roles and custom objects outlive the lead or opportunity they name | they go with it |
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
        "native_objects_disabled",
        "no_custom_objects",
        "no_custom_schema",
        "custom_object_suffix",
        "id_field_upsert",
        "unknown_links_kept",
        "unknown_parent_per_record",
        "frozen_ignored",
        "leads_write_companies",
        "company_changes_logged",
        "in_use_stays",
        "orphans_deleted",
    }
)


def checked(quirks: frozenset[str]) -> frozenset[str]:
    """The same switches; raises ValueError for one that does not exist."""
    unknown = quirks - QUIRKS
    if unknown:
        raise ValueError(f"Marketo has no switch {', '.join(sorted(unknown))}; it has {', '.join(sorted(QUIRKS))}")
    return quirks
