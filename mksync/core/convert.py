"""Converting a lead: what is asked for, what is ordered, and what came of it. Plain frozen data."""

from dataclasses import dataclass

from mksync.core.records import Gone, Refusal


@dataclass(frozen=True, slots=True)
class Terms:
    """What a CRM makes of a lead unless it is told otherwise, and what it leaves to choose.

    - `account`, `opportunity`: whether a new one is made unless it is said otherwise
    - `bare`: whether a contact may come to be without an account
    - `owner`, `notify`, `contact`, `opportunity_name`: whether these may be chosen
    """

    account: bool
    opportunity: bool
    bare: bool
    owner: bool
    notify: bool
    contact: bool
    opportunity_name: bool


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the CRM."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Status:
    """What a converted lead's status may be. `id`: as the CRM's API takes it."""

    id: str
    label: str
    default: bool = False


@dataclass(frozen=True, slots=True)
class Convertible:
    """A lead that may be converted. `accounts`: those of the name of its company. `queue`: nobody owns it alone."""

    lead: str
    company: str | None
    accounts: tuple[Account, ...]
    statuses: tuple[Status, ...]
    queue: bool = False


@dataclass(frozen=True, slots=True)
class Conversion:
    """The order. `account`: an existing one; None: a new one if `new_account`, else none.

    `contact`: an existing one of that account, which the lead goes into. `opportunity`: a new one; its name follows
    from the lead if `opportunity_name` is None. `owner`: of what is new; None: the lead's. `duplicates`: the admin has
    seen that a record like it exists, and wants a new one.
    """

    lead: str
    status: str
    account: str | None = None
    new_account: bool = False
    contact: str | None = None
    opportunity: bool = False
    opportunity_name: str | None = None
    owner: str | None = None
    notify: bool = False
    duplicates: bool = False


@dataclass(frozen=True, slots=True)
class Converted:
    """What a lead became. `notes`: what the order asked for and the CRM did not do."""

    contact: str
    account: str | None
    opportunity: str | None
    notes: tuple[str, ...] = ()


Answer = Converted | Refusal | Gone
"""Gone: the lead is no longer there to be converted; somebody deleted, merged or converted it meanwhile."""
