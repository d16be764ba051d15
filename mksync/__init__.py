"""mksync keeps Adobe Marketo Engage and a CRM in step, field by field.

Read in this order: `core/records.py` (the words as types), `core/decide.py` (who wins), `ports.py` (the seam to the
vendors), `engine/run.py` (a cycle), `mirror/schema.py` (what is remembered), then one vendor folder.
"""

__version__ = "0.1.0"
