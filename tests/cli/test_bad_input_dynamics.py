"""What can be wrong between mksync and an environment of Dynamics: what is said, what is advised, nothing done."""

import json
from collections.abc import Iterator

import pytest

from tests.cli.breakage import CANARY, INIT, RUN
from tests.cli.desk import error, state
from tests.scenarios.crms import DYNAMICS
from tests.scenarios.sandbox_world import World, world

NO_ROLES = (
    "Dynamics: The user with id 00000008-0000-4000-8000-000000000002 has not been assigned any roles."
    " They need a role with basic (0x80040220)"
)
WRONG_SECRET = (
    "Microsoft Entra refused the sign-in: AADSTS7000215: Invalid client secret provided. Ensure the secret being sent"
    " in the request is the client secret value, not the client secret ID, for a secret added to app 'sandbox'."
    " (invalid_client)"
)
SECRET_HINT = (
    "The client secret is wrong: give the secret's value, not its id (App registrations, Certificates & secrets)."
)
WRONG_CLIENT = (
    "Microsoft Entra refused the sign-in: AADSTS700016: Application with identifier 'nobody' was not found in the"
    " directory '***'. (unauthorized_client)"
)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("sound"), DYNAMICS) as here:
        here.init()
        yield here


@pytest.fixture
def project(sound: World) -> Iterator[World]:
    """With something to do, and mended again after each test."""
    text = sound.config.path.read_text()
    yield sound
    sound.config.path.write_text(text)


def edited(here: World, old: str, new: str) -> None:
    """Replace the last such piece of mksync.toml: the CRM's table is the last."""
    before, found, after = here.config.path.read_text().rpartition(old)
    assert found
    here.config.path.write_text(before + new + after)


@pytest.mark.parametrize(("command", "before"), [(RUN, ""), (INIT, "Dynamics sign-in: ")])
@pytest.mark.parametrize(
    ("old", "new", "message", "hint"),
    [
        pytest.param(
            'client_secret = "sandbox"', f'client_secret = "{CANARY}"', WRONG_SECRET,
            SECRET_HINT,
            id="a wrong secret",
        ),
        pytest.param(
            'client_id = "sandbox"', 'client_id = "nobody"',
            WRONG_CLIENT,
            "No such application in this tenant: check `client_id` and `tenant`.",
            id="a wrong client",
        ),
    ],
)  # fmt: skip
def test_a_sign_in_that_is_refused_is_told_with_what_to_do(
    project: World, command: tuple[str, ...], before: str, old: str, new: str, message: str, hint: str
) -> None:
    edited(project, old, new)
    was = state(project)
    plain, answered = project.command(*command), project.command(*command, "--json")
    assert (plain.code, plain.err) == (8, error(before + message, hint))
    assert json.loads(answered.out)["error"] == {"message": before + message, "hint": hint}
    assert CANARY not in plain.out + plain.err + answered.out + answered.err
    assert state(project) == was


@pytest.mark.parametrize("tenant", ["common", "organizations", "two words"])
def test_a_tenant_that_is_none_is_named_with_its_line(project: World, tenant: str) -> None:
    edited(project, 'tenant = "sandbox"', f'tenant = "{tenant}"')
    ended = project.command("run-once")
    assert (ended.code, ended.err) == (
        2,
        error(
            f"{project.config.path}, line 11, [crm]: `tenant` has to be one tenant's id or domain, not {tenant!r}",
            "Azure portal, Microsoft Entra ID, Overview shows it: the tenant id, or a domain like contoso.com.",
        ),
    )


def test_without_a_tenant_the_environment_is_asked_for_it(project: World) -> None:
    edited(project, 'tenant = "sandbox"\n', "")
    assert project.command("run-once").code == 0


@pytest.mark.parametrize(("command", "before"), [(RUN, ""), (INIT, "Dynamics sign-in: ")])
def test_an_application_user_without_a_role_is_told_so(project: World, command: tuple[str, ...], before: str) -> None:
    project.facts.user(project.sandbox).control("roles", assigned=False)
    ended = project.command(*command)
    project.facts.user(project.sandbox).control("roles", assigned=True)
    hint = "Give the sync user a security role with that privilege on the table, at organisation depth."
    assert (ended.code, ended.err) == (8, error(before + NO_ROLES, hint))
