"""What can be wrong with a project, as data: how to break it, and what has to be said about it."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mksync.mirror.last import beside
from mksync.vendors import BUILT_IN_CRMS
from tests.scenarios.sandbox_world import World

CANARY = "hunter2-canary-4711"
RUN, DRY, INIT = ("run-once",), ("run-once", "--dry-run"), ("init", "--no-input")
LIST, LOG = ("fields", "list"), ("log",)
ALL = (RUN, DRY, INIT, LIST)
SECRET = 'client_secret = "sandbox"'


@dataclass(frozen=True)
class Case:
    """What is broken, and what is said about it: `{folder}`, `{marketo}` and so on are filled in."""

    break_it: Callable[["Project"], None]
    code: int
    message: str
    hint: str = ""
    commands: tuple[tuple[str, ...], ...] = ALL


class Project:
    """A project that can be broken, and mended again."""

    def __init__(self, here: World) -> None:
        self.here = here
        self.toml = here.config.path
        self.selection = here.config.selection
        self.mirror = here.config.mirror
        self._files = {
            path: path.read_bytes() for path in (self.toml, self.selection, self.mirror, beside(self.mirror))
        }
        self._known = set(here.folder.iterdir())

    def mend(self) -> None:
        for path in set(self.here.folder.iterdir()) - self._known:
            path.unlink()
        for path, content in self._files.items():
            path.write_bytes(content)

    def edit(self, old: str, new: str, *, last: bool = False) -> None:
        """Replace a piece of mksync.toml: Marketo's comes first, the CRM's last."""
        text = self.toml.read_text()
        assert old in text
        before, _, after = text.rpartition(old) if last else text.partition(old)
        self.toml.write_text(before + new + after)

    def add(self, text: str) -> None:
        self.toml.write_text(self.toml.read_text() + text)

    def other_mirror(self, content: bytes | None = None) -> Path:
        """Point mksync.toml at another file for the mirror."""
        self.add('[mirror]\npath = "other.db"\n')
        path = self.here.folder / "other.db"
        if content is not None:
            path.write_bytes(content)
        return path

    def sql(self, statement: str, path: Path | None = None) -> None:
        db = sqlite3.connect(path or self.mirror)
        db.execute(statement)
        db.commit()
        db.close()


def _void(_: object) -> None: ...


def plain_http_to_marketo(project: Project) -> None:
    project.edit(SECRET, 'client_secret = { env = "PATH" }')
    project.edit(project.here.sandbox.marketo_url, "http://192.0.2.1")


def plain_http_to_salesforce(project: Project) -> None:
    project.edit(SECRET, 'client_secret = { env = "PATH" }', last=True)
    project.edit(project.here.sandbox.salesforce_url, "http://192.0.2.1")


def secret_written_out(project: Project) -> None:
    project.edit(SECRET, f'client_secret = "{CANARY}"', last=True)
    project.edit(project.here.sandbox.salesforce_url, "https://acme.my.salesforce.com")


def written(path: Path, text: str) -> None:
    path.write_text(text)


CASES = {
    # Sign-in
    "Marketo's secret": Case(
        lambda project: project.edit(SECRET, f'client_secret = "{CANARY}"'),
        8,
        "Marketo refused to sign in: Bad client credentials",
        "check client_id and client_secret in mksync.toml (Marketo: Admin, LaunchPoint, View Details)",
        (RUN, DRY, LIST),
    ),
    "Marketo's secret, init": Case(
        lambda project: project.edit(SECRET, f'client_secret = "{CANARY}"'),
        8,
        "Marketo sign-in: Marketo refused to sign in: Bad client credentials",
        "check client_id and client_secret in mksync.toml (Marketo: Admin, LaunchPoint, View Details)",
        (INIT,),
    ),
    "Salesforce's secret": Case(
        lambda project: project.edit(SECRET, f'client_secret = "{CANARY}"', last=True),
        8,
        "Salesforce refused the sign-in: invalid client credentials (invalid_client)",
        "Check `client_secret`: the consumer secret of the app.",
        (RUN, DRY, LIST),
    ),
    "Salesforce's secret, init": Case(
        lambda project: project.edit(SECRET, f'client_secret = "{CANARY}"', last=True),
        8,
        "Salesforce sign-in: Salesforce refused the sign-in: invalid client credentials (invalid_client)",
        "Check `client_secret`: the consumer secret of the app.",
        (INIT,),
    ),
    "an address that is no Marketo": Case(
        lambda project: project.edit(project.here.sandbox.marketo_url, project.here.sandbox.salesforce_url),
        8,
        "what answers there is no Marketo: it has no sign-in (HTTP 404)",
        "check url in mksync.toml (Marketo: Admin, Web Services)",
        (LIST,),
    ),
    # Addresses
    "plain http to another computer": Case(
        plain_http_to_marketo,
        2,
        "{toml}, line 3, [marketo]: `url`: Marketo at 192.0.2.1 has to be reached by https;"
        " plain http is for this computer only",
        "it looks like https://123-ABC-456.mktorest.com (Marketo: Admin, Web Services)",
    ),
    "plain http to another organisation": Case(
        plain_http_to_salesforce,
        2,
        "{toml}, line 10, [crm]: `url` has to begin with https://",
        "Salesforce answers over HTTPS only.",
    ),
    "a secret that is written out": Case(
        secret_written_out,
        2,
        "{crm_secret}: `client_secret` is written out; only the sandbox's secrets may be (a url on 127.0.0.1)",
        'client_secret = {{ env = "…" }}, {{ file = "…" }}, {{ command = ["…"] }} or {{ keyring = "service/user" }}',
        (*ALL, LOG),
    ),
    # Secrets that cannot be had
    "a variable that is not set": Case(
        lambda project: project.edit(SECRET, 'client_secret = { env = "MKSYNC_NO_SUCH_VARIABLE" }'),
        2,
        "{toml}, line 5, [marketo] `client_secret`: the environment variable MKSYNC_NO_SUCH_VARIABLE is not set",
        "export MKSYNC_NO_SUCH_VARIABLE=…",
    ),
    "a file that is not there": Case(
        lambda project: project.edit(SECRET, 'client_secret = { file = "secret.txt" }', last=True),
        2,
        "{crm_secret} `client_secret`: the file {folder}/secret.txt cannot be read: No such file or directory",
    ),
    "a command that fails": Case(
        lambda project: project.edit(SECRET, f'client_secret = {{ command = ["sh", "-c", "echo {CANARY}; exit 3"] }}'),
        2,
        "{toml}, line 5, [marketo] `client_secret`: the command sh ended with exit code 3",
    ),
    "a reference that is none": Case(
        lambda project: project.edit(SECRET, 'client_secret = { evn = "A" }'),
        2,
        "{toml}, line 5, [marketo] `client_secret`: a secret cannot come from `evn`",
        "did you mean `env`?",
        (*ALL, LOG),
    ),
    # mksync.toml
    "broken TOML": Case(
        lambda project: project.edit("[crm]", "[crm"),
        2,
        "{toml}, line 8, column 5: this is not TOML: Expected ']' at the end of a table declaration\n    [crm",
        commands=(*ALL, LOG),
    ),
    "broken TOML at a secret": Case(
        lambda project: project.edit(SECRET, f'client_secret = "{CANARY}'),
        2,
        "{toml}, line 5, column 37: this is not TOML: Illegal character '\\n'\n    client_secret = …",
        commands=(*ALL, LOG),
    ),
    "an unknown key": Case(
        lambda project: project.edit("create_key_field", "creat_key_field"),
        2,
        "{toml}, line 6, [marketo]: unknown key `creat_key_field`",
        "did you mean `create_key_field`?",
    ),
    "an unknown table": Case(
        lambda project: project.add("[brake]\n"),
        2,
        "{toml}, line 13: unknown key `brake`",
        "did you mean `brakes`?",
        (*ALL, LOG),
    ),
    "a wrong type": Case(
        lambda project: project.edit("create_key_field = true", 'create_key_field = "yes"'),
        2,
        "{toml}, line 6, [marketo]: `create_key_field` has to be true or false, not a text",
        commands=(*ALL, LOG),
    ),
    "a number out of range": Case(
        lambda project: project.add("[brakes]\nchanged_share = 7\n"),
        2,
        "{toml}, line 14, [brakes]: `changed_share` has to be a number from 0 to 1, not 7",
        "a quarter is 0.25",
        (*ALL, LOG),
    ),
    "a policy that is none": Case(
        lambda project: project.add('[policy]\nlead = "sales"\n'),
        2,
        '{toml}, line 14, [policy]: `lead` has to be "marketo" or "crm" or "hold", not "sales"',
        commands=(*ALL, LOG),
    ),
    "another CRM": Case(
        lambda project: project.edit('"salesforce"', '"salesfroce"'),
        2,
        '{toml}, line 9, [crm]: `system`: there is no CRM called "salesfroce"',
        'did you mean "salesforce"?',
        (*ALL, LOG),
    ),
    "no mksync.toml": Case(
        lambda project: project.toml.unlink(),
        2,
        "there is no mksync.toml in {folder}",
        "mksync init",
        (RUN, DRY, LIST, LOG),
    ),
    "no mksync.toml, and no answers": Case(
        lambda project: project.toml.unlink(),
        2,
        "there is no mksync.toml here, and --crm is not given",
        f"--crm: Which CRM ({', '.join(BUILT_IN_CRMS)}); or copy one of the sample-configs to mksync.toml",
        (INIT,),
    ),
    "another encoding": Case(
        lambda project: _void(project.toml.write_bytes(b"\xff\xfe[\x00")),
        2,
        "{toml} is not UTF-8 text",
        "save it as UTF-8",
        (*ALL, LOG),
    ),
    # mksync.fields.toml
    "no selection": Case(
        lambda project: project.selection.unlink(),
        2,
        "there is no field selection at {selection}",
        "mksync init",
        (RUN, DRY, LIST),
    ),
    "a broken selection": Case(
        lambda project: written(project.selection, "[[lead\n"),
        2,
        "{selection}, line 1, column 7: this is not TOML: Expected ']]' at the end of an array declaration\n    [[lead",
    ),
    "an unknown key in the selection": Case(
        lambda project: written(project.selection, '[[lead]]\nmarketo = "title"\ncmr = "Title"\n'),
        2,
        "{selection}, line 3, [lead]: unknown key `cmr`",
        "did you mean `crm`?",
    ),
    "the cross-id in the selection": Case(
        lambda project: written(project.selection, '[[lead]]\nmarketo = "mksyncCrmId"\ncrm = "Fax"\n'),
        2,
        "{selection}: lead.mksyncCrmId is mksync's own field and cannot be selected",
        "mksync fields select --object lead --remove mksyncCrmId",
        (RUN, DRY, INIT),
    ),
    # The mirror
    "no mirror": Case(
        lambda project: _void(project.other_mirror()),
        7,
        "there is no mirror at {folder}/other.db",
        "mksync init",
        (RUN, DRY, LIST, LOG),
    ),
    "a mirror that was never set up": Case(
        lambda project: _void(project.other_mirror(b"")),
        7,
        "this mirror was never set up",
        "mksync init",
        (RUN, DRY),
    ),
    "a mirror that is no database": Case(
        lambda project: _void(project.other_mirror(b"this is no database at all. " * 100)),
        7,
        "the mirror at {folder}/other.db is damaged: file is not a database",
        "make a new one from both systems; this one is kept beside it: mksync mirror rebuild",
        (*ALL, LOG),
    ),
    "another program's database": Case(
        lambda project: project.sql("CREATE TABLE t(a)", project.other_mirror()),
        7,
        "the mirror's file is an SQLite database of another program",
        "check [mirror] path",
        (*ALL, LOG),
    ),
    "a mirror of a newer mksync": Case(
        lambda project: project.sql("PRAGMA user_version = 99"),
        7,
        "the mirror was made by a newer mksync",
        "upgrade mksync",
        (*ALL, LOG),
    ),
    "a mirror of another organisation": Case(
        lambda project: project.sql("UPDATE project SET value = '00D000000000001' WHERE name = 'crm_organisation'"),
        7,
        "this mirror belongs to another Salesforce organisation: it was made from 00D000000000001,"
        " and this is 00D5g0000000001EAA",
        "point mksync.toml at the old organisation, or start in an empty folder with mksync init",
        (RUN, DRY),
    ),
    "a mirror of another instance": Case(
        lambda project: project.sql("UPDATE project SET value = '123-ABC-456' WHERE name = 'marketo_organisation'"),
        7,
        "this mirror belongs to another Marketo organisation: it was made from 123-ABC-456, and this is {host}",
        "point mksync.toml at the old organisation, or start in an empty folder with mksync init",
        (RUN, DRY),
    ),
}  # fmt: skip
