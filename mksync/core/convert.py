"""Converting a lead: what is asked for, what is ordered, and what came of it. Plain frozen data."""

from mksync.core.frozen import dataclass
from mksync.core.records import Gone, Refusal, Value
from mksync.core.report import Change, RecordName


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
    """A lead that may be converted.

    `accounts`: those of the name of its company. `queue`: nobody owns it alone. `contact`: one that was there before
    and that the lead names as the person it goes into.
    """

    lead: str
    company: str | None
    accounts: tuple[Account, ...]
    statuses: tuple[Status, ...]
    queue: bool = False
    contact: str | None = None


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


MATCH = "match"
Answer = Converted | Refusal | Gone
"""Gone: the lead is no longer there to be converted; somebody deleted, merged or converted it meanwhile."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What an admin asked for; None and empty: nothing about it, so the CRM's own terms hold.

    `account`: an id, or MATCH: the one account of the name of the lead's company, a new one if there is none.
    """

    account: str = ""
    new_account: bool = False
    no_account: bool = False
    contact: str = ""
    opportunity: bool | None = None
    opportunity_name: str = ""
    status: str = ""
    owner: str = ""
    notify: bool | None = None


@dataclass(frozen=True, slots=True)
class LostField:
    """A field that is selected for leads and reaches the person through no field of contacts: it flows no more.

    `value`: what the lead holds.
    """

    field: str  # Marketo's name
    crm_field: str
    value: Value


@dataclass(frozen=True, slots=True)
class ConvertReport:
    """What a conversion did, or would do.

    - `record`: the lead and its person; `contact`: what it became, was before, or nothing yet
    - `account`, `opportunity`: their ids; `account_name` is known where the account was there before
    - `like_it`: accounts of the name of the lead's company, if a new one is made beside them
    - `twins`: ids of contacts with the person's address, if a new one is made beside them
    - `already`: it was a contact before, and nothing was ordered; `moved`: the link has followed it just now
    - `refusal`: why the CRM did not do it
    - `left`: it was converted, and nothing flows to the contact yet; a note says why
    - `changes`: what was written afterwards, so that both sides agree
    """

    record: RecordName
    dry: bool
    order: Conversion | None = None
    status: str = ""
    company: str = ""
    contact: str | None = None
    account: str | None = None
    account_name: str = ""
    opportunity: str | None = None
    like_it: tuple[Account, ...] = ()
    twins: tuple[str, ...] = ()
    lost: tuple[LostField, ...] = ()
    already: bool = False
    moved: bool = False
    refusal: Refusal | None = None
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()
    left: bool = False
    cycle: int | None = None

    @property
    def exit_code(self) -> int:
        return 3 if self.refusal or self.left else 0
