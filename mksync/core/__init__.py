"""The pure core: standard library only, no clock, no I/O, no logging.

Words, used here and everywhere else. *Side*: Marketo or the CRM. *Person*: a record of Marketo's lead database.
*Object*: a kind of record (person, lead, contact). *Link*: the pairing of a person with one CRM record. *Base*: per
link, field and side, the value that side was last seen to hold when both were settled. *Change*: a field whose value
on a side differs from that side's base. *Collision*: the same field changed on both sides to values that are not the
same. *Policy*: who wins a collision. *Plan*: the ordered writes a cycle would make. *Rejected*: a write the vendor
refused. *Held*: a difference left for a human. *Brake*: a refusal to run a suspicious plan.
"""
