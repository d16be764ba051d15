"""The activity types that every instance has. Ids other than 12, 13, 22, 32 and 37 differ between instances.

Source: developer guide, Activities; attribute names also from Adobe I/O Events, "Lead Activity Data Stream".
"""

from mksync.sandbox.marketo.envelope import Item

_NAMES = {
    1: "Visit Webpage",
    2: "Fill Out Form",
    3: "Click Link",
    6: "Send Email",
    7: "Email Delivered",
    8: "Email Bounced",
    9: "Unsubscribe Email",
    10: "Open Email",
    11: "Click Email",
    12: "New Lead",
    13: "Change Data Value",
    19: "Sync Lead to SFDC",
    21: "Convert Lead",
    22: "Change Score",
    23: "Change Owner",
    24: "Add to List",
    25: "Remove from List",
    26: "SFDC Activity",
    27: "Email Bounced Soft",
    29: "Delete Lead from SFDC",
    30: "SFDC Activity Updated",
    32: "Merge Leads",
    34: "Add to Opportunity",
    35: "Remove from Opportunity",
    36: "Update Opportunity",
    37: "Delete Lead",
    38: "Send Alert",
    39: "Send Sales Email",
    40: "Open Sales Email",
    41: "Click Sales Email",
    42: "Add to SFDC Campaign",
    43: "Remove from SFDC Campaign",
    44: "Change Status in SFDC Campaign",
    45: "Receive Sales Email",
    46: "Interesting Moment",
    47: "Request Campaign",
    48: "Sales Email Bounced",
    100: "Change Lead Partition",
    101: "Change Revenue Stage",
    102: "Change Revenue Stage Manually",
    104: "Change Status in Progression",
    108: "Change Segment",
    110: "Call Webhook",
    111: "Sent Forward to Friend Email",
    112: "Received Forward to Friend Email",
    113: "Add to Nurture",
    114: "Change Nurture Track",
    115: "Change Nurture Cadence",
    145: "Push Lead to Marketo",
}
_SOURCES = (("API Method Name", "string"), ("Modifying User", "string"), ("Request Id", "string"))
_VALUES = (("New Value", "string"), ("Old Value", "string"), ("Reason", "string"), ("Source", "string"))
_ATTRIBUTES: dict[int, tuple[tuple[str, str], ...]] = {
    12: (("Created Date", "date"), ("Lead Source", "string"), ("Source Type", "string"), *_SOURCES),
    13: (*_VALUES, *_SOURCES),
    22: (("Change Value", "string"), *_VALUES),
    32: (("Merge IDs", "string"), ("Merge Fields", "string")),
    37: (("Campaign", "string"),),
    100: (("New Partition ID", "integer"), ("Old Partition ID", "integer"), ("Reason", "string")),
}
_PRIMARY = {
    13: ("Attribute Name", "string"),
    22: ("Score Name", "string"),
    32: ("Lead ID", "integer"),
    37: ("Lead ID", "integer"),
    100: ("New Partition ID", "integer"),
}


def standard_types() -> list[Item]:
    """The built-in part of `activities/types.json`. New Lead has no primary attribute."""
    return [_type(id, name) for id, name in _NAMES.items()]


def _type(id: int, name: str) -> Item:
    item: Item = {"id": id, "name": name, "description": name}
    if id in _PRIMARY:
        item["primaryAttribute"] = _attribute(*_PRIMARY[id])
    return {**item, "attributes": [_attribute(*attribute) for attribute in _ATTRIBUTES.get(id, ())]}


def _attribute(name: str, type: str) -> Item:
    return {"name": name, "dataType": type}
