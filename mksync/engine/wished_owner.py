"""Who is to own what a command makes in the CRM: an id, or the e-mail address of one user."""

from mksync.engine.project import Project
from mksync.errors import ConfigError


def owner_of(project: Project, wish: str) -> str:
    """The id of the owner who is wished for. Raises ConfigError if nobody has that address."""
    if "@" not in wish:
        return wish
    field = next(pair.crm for pair in project.catalogue["user"].pairs if pair.marketo == "email")
    found = list(project.ports.crm.find("user", field, [wish], []))
    if len(found) != 1:
        many = "nobody" if not found else f"{len(found)} users"
        raise ConfigError(f"--owner {wish}: {many} in {project.titles.crm} has that address", hint="--owner ID")
    return found[0].id
