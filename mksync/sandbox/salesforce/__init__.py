"""Salesforce over HTTP, written from its public API documents: REST, SOQL, composite calls, and a little SOAP.

What the documents leave open is a switch (a "quirk"); a client must be right with the switch off and with it on.

| quirk | off | on |
| --- | --- | --- |
| `keep_email_case` | e-mail is stored in lower case | as sent |
| `keep_choice_order` | a multi-select comes back in the picklist's order | as sent |
| `strip_nbsp` | a no-break space at either end of a text survives | it is stripped |
| `reject_control_characters` | characters XML 1.0 has no room for are dropped | the row is refused |
| `crlf` | line ends in long text stay as sent | they become CRLF |
| `exact_choices` | a restricted picklist ignores case and stores the canonical value | other case is refused |
| `null_boolean_is_false` | null for a boolean is refused | it means false |
| `delete_keeps_stamp` | deletion and undeletion move SystemModstamp | they do not |
| `convert_keeps_modified` | conversion moves LastModifiedDate and SystemModstamp | SystemModstamp only |
| `guarded_upsert` | an upsert ignores If-Unmodified-Since | it answers 412 like an update |
| `empty_412` | a 412 carries an error array | no body |
| `deleted_is_400` | a call on a deleted row answers 404 | 400 |
| `denied_is_400` | INSUFFICIENT_ACCESS answers 403 | 400 |
| `later_duplicate_fails` | equal upsert keys in one call fail both rows | only the later row |
| `collection_missing_not_found` | an update of an unknown id: INVALID_CROSS_REFERENCE_KEY | NOT_FOUND |
| `collection_unknown_field_fails_call` | an unknown field fails its row | the entire call |
| `roles_skip_bin` | a deleted opportunity contact role stays in the recycle bin | it is in the delete log only |
| `short_pages` | a query page holds what was asked for | about two thirds of it |
| `bulk_plus_zero` | instants in a bulk query's rows end in Z | in +0000 |
| `bulk_nul_bytes` | rows of a bulk query are text | there is a NUL byte among them |
| `bulk_next_record_url` | more result pages of a bulk query stand at `nextRecordsUrl` | at `nextRecordUrl` |
| `bulk_query_unordered` | a bulk query without ORDER BY has the oldest rows first | rows in no order |
| `bulk_assigns` | an ingest job that names no assignment rule assigns no owner | it does, as REST does |
| `per_app_usage` | Sforce-Limit-Info tells the organisation's usage | and the connected app's |
"""
