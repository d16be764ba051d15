"""Fields that the server fills from others: full names, and what an opportunity's stage implies."""

from mksync.sandbox.salesforce.tables import Row

_STAGES = {  # stage: probability, forecast category
    "Prospecting": (10, "Pipeline"),
    "Qualification": (10, "Pipeline"),
    "Proposal/Price Quote": (75, "Best Case"),
    "Negotiation/Review": (90, "Commit"),
    "Closed Won": (100, "Closed"),
    "Closed Lost": (0, "Omitted"),
}
_NAMED = frozenset({"Lead", "Contact", "User"})


def derive(object: str, row: Row, changed: Row) -> Row:
    """What follows from a record's values; `changed` are those the save sets."""
    if object in _NAMED:
        return {"Name": full_name(row)}
    if object == "Opportunity":
        return _opportunity(row, changed)
    return {}


def full_name(row: Row) -> str:
    return " ".join(str(part) for part in (row.get("FirstName"), row.get("LastName")) if part)


def _opportunity(row: Row, changed: Row) -> Row:
    stage = str(row.get("StageName"))
    probability, category = _STAGES.get(stage, (0, "Pipeline"))
    derived: Row = {
        "IsClosed": int(stage.startswith("Closed")),
        "IsWon": int(stage == "Closed Won"),
        "ForecastCategory": category.replace(" ", "").replace("Commit", "Forecast"),
    }
    if "StageName" in changed:
        derived["ForecastCategoryName"] = category
        derived.update({} if "Probability" in changed else {"Probability": float(probability)})
    amount = row.get("Amount")
    chance = derived.get("Probability", row.get("Probability"))
    if isinstance(amount, int | float) and isinstance(chance, int | float):
        derived["ExpectedRevenue"] = round(amount * chance / 100, 2)
    close = str(row.get("CloseDate") or "")
    if close:
        quarter = (int(close[5:7]) + 2) // 3
        derived.update(FiscalYear=int(close[:4]), FiscalQuarter=quarter, Fiscal=f"{close[:4]} {quarter}")
    return derived
