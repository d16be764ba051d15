"""The Dataverse Web API v9.2 over HTTP, written from Microsoft's public documents.

What the documents leave open is a switch (a "quirk"); a client must be right with the switch off and with it on.

| quirk | off | on |
| --- | --- | --- |
| `native_sync` | Marketo's own solution is not there | it is installed, and its plug-in steps are on |
| `secret_400` | a wrong or expired secret answers 401 | 400 |
| `disabled_user_401` | a call of a disabled user answers 403 | 401 |
| `row_denied_as_privilege` | a row out of reach answers 0x80048306 | 0x80040220 |
| `keep_empty_text` | an empty text is stored as null | as it is |
| `trim_text` | blanks at either end of a text survive | they are stripped |
| `null_boolean_refused` | null for a boolean that has a default is ignored | it is refused |
| `date_accepts_time` | a date with a time is refused for a DateOnly column | the time is dropped |
| `etag_on_missing_412` | an ETag in If-Match and no such row: 404 | 412 |
| `key_clash_is_duplicate_record` | a value taken in an alternate key: 0x80060892 | 0x80040237 |
| `duplicates_500` | a duplicate that was looked for answers 412 | 500 |
| `merge_cancels_lead` | a merged lead's status is 4 (Lost) | 7 (Canceled) |
| `qualify_answers_rows` | QualifyLead tells keys of the new rows | names and addresses, too |
| `qualify_leaves_lead_bare` | a qualified lead points at what came of it | it does not |
| `secured_filter_refused` | a hidden column in `$filter` or `$orderby` is empty | it is refused, 403 `0x8004F506` |
| `ne_skips_null` | `ne` finds rows whose column is empty, too | it does not |
| `eq_wildcards` | `%`, `_` and `[]` are wildcards in contains, startswith and endswith only | in `eq` and `ne`, too |
| `trailing_blanks_count` | texts compare without their trailing blanks | with them |
| `expired_token_reads_all` | an expired delta token is refused, 400 `0x80044352` | it brings every row |
| `delta_selected_only` | any update of a row brings it into the next delta | only of a column that is selected |
| `tracking_refused_500` | tracking that is not to be had is refused with 400 | with 500 |
| `changeset_error_bare` | the error of a change set stands in a `changesetresponse_` wrapper | directly in the batch |
| `lenient_line_feeds` | a batch with LF for line ends is refused | it is read |
| `update_multiple_by_id_only` | UpdateMultiple takes rows by alternate key, too | by id only |
"""
