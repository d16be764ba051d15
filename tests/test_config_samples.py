"""The sample configurations are right: each is read as the program reads it, its keys by whoever owns them."""

import re
from pathlib import Path

import pytest

from mksync.config import load_config
from mksync.core.records import Side
from mksync.vendors import BUILT_IN_CRMS
from mksync.vendors.marketo.settings import DEFAULT_KEY_FIELD

SAMPLES = Path(__file__).parent.parent / "sample-configs"


def placed(sample: str, folder: Path, text: str | None = None) -> Path:
    path = folder / "mksync.toml"
    path.write_text(text or (SAMPLES / sample).read_text(encoding="utf-8"), encoding="utf-8")
    path.chmod(0o644)
    return path


CRMS = tuple(BUILT_IN_CRMS)
PEM = "".join(f"-----BEGIN {what}-----\nMII\n-----END {what}-----\n" for what in ("PRIVATE KEY", "CERTIFICATE"))


@pytest.mark.parametrize("crm", CRMS)
def test_the_sandbox_sample_works_as_it_is(crm: str, tmp_path: Path) -> None:
    config = load_config(placed(f"sandbox-{crm}.toml", tmp_path))
    assert config.warnings == ()
    assert [config.vendor(side).name for side in Side] == ["marketo", crm]
    assert all(config.settings(side) for side in Side)


@pytest.fixture
def _secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MKTO_SECRET", "hunter2")
    for name in (f"{crm}{ending}" for crm in CRMS for ending in ("-secret.txt", ".pem")):
        (tmp_path / name).write_text(PEM if name.endswith(".pem") else "hunter2")
        (tmp_path / name).chmod(0o600)


@pytest.mark.parametrize("crm", CRMS)
@pytest.mark.usefixtures("_secrets")
def test_the_production_sample_works_with_its_secrets_in_place(crm: str, tmp_path: Path) -> None:
    config = load_config(placed(f"{crm}.toml", tmp_path))
    assert config.warnings == ()
    assert all(config.settings(side) for side in Side)


@pytest.mark.parametrize("crm", CRMS)
@pytest.mark.usefixtures("_secrets")
def test_every_key_that_the_production_sample_comments_out_is_a_real_one(crm: str, tmp_path: Path) -> None:
    text = (SAMPLES / f"{crm}.toml").read_text(encoding="utf-8")
    said = re.sub(r"(?m)^# (?=\w+ = )", "", text)
    said = re.sub(r"(?m)^client_secret = \{ file.*\n", "", said)  # the certificate takes its place
    config = load_config(placed("", tmp_path, said))
    assert all(config.settings(side) for side in Side)
    assert config.field_policies["lead"].keys() == {"phone", "unsubscribed"}
    assert config.filters.keys() == {"lead", "contact"}
    written_out = load_config(placed(f"{crm}.toml", tmp_path))
    assert (config.limits, config.policies, config.match_keys) == (
        written_out.limits,
        written_out.policies,
        written_out.match_keys,
    )


def test_init_and_the_vendor_mean_the_same_cross_id_field(tmp_path: Path) -> None:
    text = (SAMPLES / "sandbox-salesforce.toml").read_text(encoding="utf-8").replace('key_field = "mksyncCrmId"\n', "")
    assert load_config(placed("", tmp_path, text)).key_field == DEFAULT_KEY_FIELD
