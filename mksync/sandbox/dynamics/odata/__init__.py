"""OData: query options to trees (`options`), trees to SQL (`compiler`) or to tests of documents, rows to JSON.

Sources: OData Version 4.0 Part 2: URL Conventions; "Query data using the Web API".
"""
