"""The Dataverse Web API v9.2 over HTTP, written from Microsoft's public documents.

What the documents leave open is a switch (a "quirk"); a client must be right with the switch off and with it on.

| quirk | off | on |
| --- | --- | --- |
| `secured_filter_refused` | a hidden column in `$filter` or `$orderby` is empty | it is refused, 403 `0x8004F506` |
| `ne_skips_null` | `ne` finds rows whose column is empty, too | it does not |
| `eq_wildcards` | `%`, `_` and `[]` are wildcards in contains, startswith and endswith only | in `eq` and `ne`, too |
| `trailing_blanks_count` | texts compare without their trailing blanks | with them |
| `expired_token_reads_all` | an expired delta token is refused, 400 `0x80044352` | it brings every row |
| `tracking_refused_500` | tracking that is not to be had is refused with 400 | with 500 |
| `changeset_error_bare` | the error of a change set stands in a `changesetresponse_` wrapper | directly in the batch |
| `lenient_line_feeds` | a batch with LF for line ends is refused | it is read |
| `update_multiple_by_id_only` | UpdateMultiple takes rows by alternate key, too | by id only |
"""
