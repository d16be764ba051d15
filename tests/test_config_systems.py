"""A CRM that another package brings is found by its entry point, and loaded when it is used."""

from pathlib import Path

import pytest

from mksync import vendors
from mksync.config import load_config
from mksync.core.records import Side
from mksync.errors import ConfigError

CONFIG = """\
[marketo]
url = "http://127.0.0.1:8700"
[crm]
system = "{system}"
colour = "blue"
"""


@pytest.fixture
def _package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed distribution with three systems: one sound, one broken, one that takes a built-in one's name."""
    site = tmp_path / "site"
    facts = site / "acme_crm-1.0.dist-info"
    facts.mkdir(parents=True)
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-crm\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text(
        "[mksync.systems]\nacme = acme_crm:VENDOR\nbroken = acme_crm_broken:VENDOR\nsalesforce = acme_crm:VENDOR\n"
    )
    (site / "acme_crm.py").write_text(
        "class Acme:\n"
        "    name, title, catalogue = 'acme', 'Acme', {}\n"
        "    def settings(self, table, where): return dict(table)\n"
        "    def open(self, settings, clock): raise NotImplementedError\n"
        "VENDOR = Acme()\n"
    )
    (site / "acme_crm_broken.py").write_text("raise RuntimeError('no licence')\n")
    monkeypatch.syspath_prepend(site)


def write(folder: Path, system: str) -> Path:
    path = folder / "mksync.toml"
    path.write_text(CONFIG.format(system=system))
    return path


@pytest.mark.usefixtures("_package")
def test_another_packages_crm_checks_its_own_table(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, "acme"))
    assert config.vendor(Side.CRM).title == "Acme"
    assert config.settings(Side.CRM) == {"system": "acme", "colour": "blue"}


@pytest.mark.usefixtures("_package")
def test_a_mistyped_crm_is_compared_with_every_known_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, "acmee"))
    assert caught.value.hint == 'did you mean "acme"?'


@pytest.mark.usefixtures("_package")
def test_a_crm_that_cannot_be_loaded_names_its_package(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, "broken"))
    with pytest.raises(ConfigError) as caught:
        config.vendor(Side.CRM)
    assert caught.value.message == (
        'the system "broken" (acme_crm_broken:VENDOR) cannot be loaded: RuntimeError: no licence'
    )


@pytest.mark.usefixtures("_package")
def test_no_package_can_take_the_place_of_a_built_in_crm() -> None:
    assert vendors.load("salesforce").title == "Salesforce"
    assert vendors.crms() == (*vendors.BUILT_IN_CRMS, "acme", "broken")
