"""mksync.toml, checked and frozen. It belongs to its human: mksync reads it and never rewrites it.

The vendors' own tables are checked by the vendors, and their secrets resolved, when a connection is needed
(`Config.settings`); the rest is checked at once.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import field, fields
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from mksync import secrets, vendors
from mksync.config_file import Table, kind, read
from mksync.core.brakes import Limits
from mksync.core.frozen import dataclass
from mksync.core.habits import Habits, Then
from mksync.core.pairs import Policy, default_policy
from mksync.core.records import Side
from mksync.errors import ConfigError
from mksync.ports import TOKENS, Beside, Vendor

FILE = "mksync.toml"
OBJECTS = ("lead", "contact")
EXAMPLE = next(iter(vendors.BUILT_IN_CRMS))
POLICIES = tuple(policy.value for policy in Policy)
OBJECT_POLICIES = tuple(policy for policy in POLICIES if policy != Policy.STICKY_TRUE)  # not every field is a checkbox


@dataclass(frozen=True, slots=True)
class Config:
    """One project: a Marketo instance, a CRM, a mirror, and the rules between them."""

    path: Path
    system: str  # the CRM: "salesforce"
    key_field: str  # Marketo's cross-id field, which holds the id of the CRM record
    create_key_field: bool  # whether `init` may create it
    create_activity_type: bool  # whether `init` may create the type of entries in people's Activity Logs
    mirror: Path
    keep_tokens: bool  # for the next run, in a file beside the mirror
    policies: Mapping[str, Policy]  # object -> who wins
    field_policies: Mapping[str, Mapping[str, Policy]]  # object -> Marketo field -> who wins
    match_keys: tuple[str, ...]
    filters: Mapping[str, str | Literal[False]]  # object -> the CRM's yes/no column that says what is synced; or none
    recreate_people: bool  # whether a CRM record that is edited gets a new person, if somebody deleted its own
    push_defaults: Mapping[str, Mapping[str, str | int | bool]]  # object -> the CRM's field -> what a new record gets
    limits: Limits  # from when on a plan is suspicious
    habits: Habits  # of `mksync watch`
    warnings: tuple[str, ...]
    _tables: Mapping[Side, Table] = field(repr=False)

    @property
    def selection(self) -> Path:
        """The file of the field selection."""
        return self.path.parent / "mksync.fields.toml"

    @property
    def beside(self) -> Beside:
        """Where processes of this project leave things for each other."""
        return Beside(self.mirror, self.keep_tokens)

    def policy(self, object: str, field: str, *, checkbox: bool = False, opt_out: bool = False) -> Policy:
        """Who wins a collision on a Marketo field of an object.

        checkbox: both its fields say yes or no; no other one is sticky. opt_out: a yes says not to be contacted.
        """
        said = self.field_policies.get(object, {}).get(field) or (Policy.STICKY_TRUE if opt_out else None)
        if said is Policy.STICKY_TRUE and not checkbox:
            said = None
        return said or self.policies.get(object) or default_policy(object)

    def vendor(self, side: Side | Literal["marketo", "crm"]) -> Vendor:
        """The vendor of a side, loaded now."""
        return vendors.load(vendors.MARKETO if Side(side) is Side.MARKETO else self.system)

    def settings(self, side: Side | Literal["marketo", "crm"]) -> object:
        """A vendor's settings with the secrets in them, for its `open`. Raises ConfigError."""
        table = self._tables[Side(side)]
        values = {key: _revealed(table, key, value) for key, value in table.values.items()}
        where = f"{table.file}, [{table.name}]"
        try:
            return self.vendor(side).settings(values, where)
        except ConfigError as error:
            raise _with_line(error, table, where) from None

    def bounds(self, side: Side) -> tuple[int | None, float]:
        """`daily_calls` and `reserve` of a side; its secrets are not looked up. Raises ConfigError."""
        from mksync.ports.abilities import TellsRates  # with it come types that most commands have no use for

        table, vendor = self._tables[side], self.vendor(side)
        where = f"{table.file}, [{table.name}]"
        try:
            return vendor.bounds(table.values, where) if isinstance(vendor, TellsRates) else (None, 0.0)
        except ConfigError as error:
            raise _with_line(error, table, where) from None


def find_config(start: Path | None = None) -> Path:
    """The project's mksync.toml: in `start`, else in the working directory. Raises ConfigError."""
    folder = start or Path()
    path = folder / FILE
    if path.is_file():
        return path
    if not folder.is_dir():
        raise ConfigError(f"there is no folder {folder}", hint="--project names the folder that holds mksync.toml")
    raise ConfigError(f"there is no {FILE} in {folder.resolve()}", hint="mksync init")


def load_config(path: Path) -> Config:
    """Read and check mksync.toml. Raises ConfigError that names file, line, table and key."""
    top = read(path)
    top.only("marketo", "crm", "mirror", "policy", "match", "filter", "deletes", "push", "brakes", "watch")
    tables = {Side.MARKETO: _vendor_table(top, "marketo"), Side.CRM: _vendor_table(top, "crm")}
    references = [found for table in tables.values() for found in _references(table)]
    policy = _policy_table(top)
    mirror, keep_tokens = _mirror(top.table("mirror"))
    return Config(
        path=path,
        system=_system(tables[Side.CRM]),
        key_field=tables[Side.MARKETO].string("key_field", "mksyncCrmId"),
        create_key_field=tables[Side.MARKETO].flag("create_key_field", False),
        create_activity_type=tables[Side.MARKETO].flag("create_activity_type", False),
        mirror=mirror,
        keep_tokens=keep_tokens,
        policies={object: _policy(policy, object, default_policy(object)) for object in OBJECTS},
        field_policies=_field_policies(policy.table("fields")),
        match_keys=_match_keys(top.table("match")),
        filters=_filters(top.table("filter")),
        recreate_people=_recreate_people(top.table("deletes")),
        push_defaults=_push_defaults(top.table("push")),
        limits=_limits(top.table("brakes")),
        habits=_habits(top.table("watch")),
        warnings=(*_warnings(path, references), *(_of_tokens(Beside(mirror).file(TOKENS)) if keep_tokens else ())),
        _tables=tables,
    )


def _vendor_table(top: Table, name: str) -> Table:
    if name not in top.values:
        line = f'[crm]\n  system = "{EXAMPLE}"' if name == "crm" else "[marketo]"
        hint = f"add {line}\n  url = …\n  client_id = …\n  client_secret = …"
        raise ConfigError(f"{top.file}: the table [{name}] is missing", hint=hint)
    return top.table(name)


def _system(table: Table) -> str:
    name = table.string("system", example=EXAMPLE)
    if error := vendors.unknown(name):
        raise ConfigError(f"{table.where('system')}: `system`: {error.message}", hint=error.hint)
    return name


def _references(table: Table) -> Iterator[secrets.Reference]:
    """Every reference to a secret in a vendor's table. A secret that is written out is for the sandbox only."""
    for key, value in table.values.items():
        if secrets.is_reference(value) or (secrets.is_secret(key) and isinstance(value, dict)):
            yield _reference(table, key)
        elif secrets.is_secret(key) and not isinstance(value, str):
            raise table.error(key, f"has to be a reference to a secret, not {kind(value)}", f"write {secrets.EXAMPLE}")
        elif secrets.is_secret(key) and not _on_loopback(table):
            problem = "is written out; only the sandbox's secrets may be (a url on 127.0.0.1)"
            raise table.error(key, problem, f"{key} = {secrets.EXAMPLE}")


def _reference(table: Table, key: str) -> secrets.Reference:
    return secrets.reference(table.table(key).values, f"{table.where(key)} `{key}`", table.file.parent)


def _revealed(table: Table, key: str, value: object) -> object:
    return secrets.resolve(_reference(table, key)) if secrets.is_reference(value) else value


def _on_loopback(table: Table) -> bool:
    """Whether every address in the table is this machine's own."""
    hosts = [urlsplit(value).hostname for value in table.values.values() if isinstance(value, str) and "://" in value]
    return bool(hosts) and all(_is_loopback(host or "") for host in hosts)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _mirror(table: Table) -> tuple[Path, bool]:
    table.only("path", "keep_tokens")
    path = table.file.parent / Path(table.string("path", "mksync.db")).expanduser()
    return path, table.flag("keep_tokens", True)


def _policy_table(top: Table) -> Table:
    table = top.table("policy")
    table.only(*OBJECTS, "fields")
    return table


def _policy(table: Table, key: str, default: Policy) -> Policy:
    return Policy(table.choice(key, OBJECT_POLICIES, default.value))


def _field_policies(table: Table) -> Mapping[str, Mapping[str, Policy]]:
    table.only(*OBJECTS)
    found = {}
    for object in table.values:
        fields = table.table(object)
        found[object] = {field: Policy(fields.choice(field, POLICIES)) for field in fields.values}
    return found


def _match_keys(table: Table) -> tuple[str, ...]:
    table.only("keys")
    keys = table.strings("keys", ("email",))
    if keys not in ((), ("email",)):
        raise table.error("keys", 'has to be ["email"] or []', "other keys are not supported yet")
    return keys


def _filters(table: Table) -> Mapping[str, str | Literal[False]]:
    table.only(*OBJECTS)
    return {object: table.string_or_false(object, example="Sync_to_Marketo__c") for object in table.values}


def _recreate_people(table: Table) -> bool:
    table.only("recreate_people")
    return table.flag("recreate_people", False)


def _push_defaults(table: Table) -> Mapping[str, Mapping[str, str | int | bool]]:
    """[push.defaults.lead]: whether the CRM has such fields is known when somebody is pushed."""
    table.only("defaults")
    defaults = table.table("defaults")
    defaults.only("lead")
    tables = {object: defaults.table(object) for object in defaults.values}
    return {object: {field: one.plain(field) for field in one.values} for object, one in tables.items()}


def _limits(table: Table) -> Limits:
    table.only(*(limit.name for limit in fields(Limits)))
    usual = Limits()
    return Limits(
        changed_share=table.share("changed_share", usual.changed_share),
        blanked_share=table.share("blanked_share", usual.blanked_share),
        emptied_share=table.share("emptied_share", usual.emptied_share),
        least=table.count("least", usual.least),
    )


def _habits(table: Table) -> Habits:
    table.only(*(habit.name for habit in fields(Habits)))
    usual = Habits()
    return Habits(
        interval=table.seconds("interval", usual.interval, least=1),
        jitter=table.seconds("jitter", usual.jitter),
        longest_retry=table.seconds("longest_retry", usual.longest_retry, least=1),
        **{name: _then(table, name) for name in ("on_brake", "on_access", "on_mirror", "on_config")},
    )


def _then(table: Table, key: str) -> Then:
    return "pause" if table.choice(key, ("stop", "pause"), "stop") == "pause" else "stop"


def _warnings(path: Path, references: list[secrets.Reference]) -> Iterator[str]:
    if _mode(path) & stat.S_IWOTH:
        yield f"{path} can be changed by every user of this machine: chmod o-w {path}"
    for reference in references:
        if reference.kind == "file" and _mode(secrets.file_of(reference)) & stat.S_IROTH:
            file = secrets.file_of(reference)
            yield f"the secret in {file} can be read by every user of this machine: chmod 600 {file}"


def _of_tokens(file: Path) -> Iterator[str]:
    """What the wire passes over, and puts its own in the place of if it can."""
    told = "the tokens in it are not used, and make room for new ones at the next sign-in"
    try:
        found = file.lstat()
    except OSError:
        return
    if not stat.S_ISREG(found.st_mode):
        yield f"{file} is no plain file: no tokens are read from it"
    elif found.st_uid != os.geteuid():
        yield f"{file} belongs to another user of this machine: {told}"
    elif found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield f"{file} is open to other users of this machine: {told}"


def _mode(path: Path) -> int:
    """The permission bits; 0 where there is no such file, or where the system has no such bits."""
    try:
        return path.stat().st_mode if os.name == "posix" else 0
    except OSError:
        return 0


def _with_line(error: ConfigError, table: Table, where: str) -> ConfigError:
    """The vendor knows the key but not the line it stands on."""
    key = next((part for part in error.message.split("`")[1::2] if part in table.values), None)
    return ConfigError(error.message.replace(where, table.where(key), 1), hint=error.hint)
