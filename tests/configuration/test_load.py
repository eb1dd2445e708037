"""Loading whole configurations: the lab's, the example's, the starter's, a large one."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from collector.configuration.load import load
from collector.configuration.read import find_main
from collector.configuration.starter import starter_files, write_starter
from collector.errors import ConfigRejected, UsageError
from collector.registry.kinds import catalogue as catalogue_of_kinds

ROOT = Path(__file__).parents[2]
AT = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def lab(monkeypatch):
    """The lab's files, read with the kinds that are really there and without the variables that the lab sets."""
    for name in ("LAB_PROMETHEUS_URL", "LAB_WAREHOUSE_URL", "LAB_TRACKER_URL"):
        monkeypatch.delenv(name, raising=False)
    return load(ROOT / "config", catalogue_of_kinds(), at=AT, first_runs={})


def test_the_labs_files_load_without_a_finding_and_without_its_variables(lab):
    assert lab.findings == ()
    assert list(lab.required().okrs.key_results) == [
        "lab:shop/checkout-latency", "lab:shop/conversion", "lab:shop/orders",
        "lab:shop/working-checkouts", "lab:shop/critical-tickets",
    ]  # fmt: skip


def test_the_labs_key_results_are_all_measured(lab):
    found = lab.required().okrs.key_results.values()
    assert [key_result.not_run for key_result in found] == [None] * 5
    assert all(key_result.binding.answers_the_past for key_result in found)


@pytest.fixture
def acme():
    """The example of a company, read with the kinds that are really there."""
    return load(ROOT / "config/examples/acme", catalogue_of_kinds(), at=AT, first_runs={})


def test_the_example_of_a_company_loads_without_a_finding(acme):
    assert acme.findings == ()


def test_every_key_result_of_the_example_is_measured(acme):
    assert {key: type(found.shape).__name__ for key, found in acme.required().okrs.key_results.items()} == {
        "2026-Q4:checkout/p95-latency": "Reach",
        "2026-Q4:checkout/activation": "Reach",
        "2026-Q4:checkout/sev1": "Total",
        "2026-Q4:checkout/availability": "Slo",
        "2026-Q4:checkout/nps": "Reach",
        "2026-Q4:payments/failed-payments": "Reach",
        "2026-Q4:payments/queue-age": "Keep",
        "2026-Q4:payments/wallets": "Total",
    }
    assert [found.not_run for found in acme.required().okrs.key_results.values()] == [None] * 8


def test_the_forms_of_the_example_are_all_there_are(acme):
    key_results = acme.required().okrs.key_results.values()
    forms = {type(binding.form).__name__ for found in key_results for binding in found.bindings.values()}
    assert forms == {"Query", "Ratio", "Events", "Computed", "ByHand"}


def test_the_files_that_were_read_are_told_so_that_changes_can_be_seen(acme):
    assert {path.name for path in acme.files} == {
        "krd.yaml", "checkout.yaml", "company.yaml", "payments.yaml", "p95_by_service.promql", "refunds.sql"
    }  # fmt: skip


def test_the_starter_loads_without_a_finding(catalogue, tmp_path):
    written = write_starter(tmp_path, "2026-Q4")
    assert [path.relative_to(tmp_path).as_posix() for path in written] == ["krd.yaml", "okrs/team.yaml"]
    loaded = load(tmp_path, catalogue, at=AT, first_runs={})
    assert loaded.findings == ()
    assert list(loaded.required().okrs.key_results) == ["2026-Q4:team/scraped-targets"]


def test_the_starter_overwrites_nothing(tmp_path):
    (tmp_path / "krd.yaml").write_text("mine")
    with pytest.raises(UsageError, match=r"exist already; nothing was written"):
        write_starter(tmp_path, "2026-Q4")
    assert [path.name for path in tmp_path.iterdir()] == ["krd.yaml"]
    assert (tmp_path / "krd.yaml").read_text() == "mine"


def test_the_starter_holds_no_secret_as_text():
    assert all("password" not in text and "token:" not in text for text in starter_files("2026-Q4").values())


def test_a_folder_and_its_file_mean_the_same(tmp_path):
    write_starter(tmp_path, "2026-Q4")
    assert find_main(tmp_path) == find_main(tmp_path / "krd.yaml") == tmp_path / "krd.yaml"


def test_without_a_path_the_usual_places_are_looked_at(tmp_path):
    write_starter(tmp_path / "config", "2026-Q4")
    assert find_main(None, tmp_path) == tmp_path / "config/krd.yaml"
    (tmp_path / "krd.yaml").write_text("x")
    assert find_main(None, tmp_path) == tmp_path / "krd.yaml"


@pytest.mark.parametrize("path", [None, Path("nowhere")])
def test_a_missing_configuration_is_told_with_the_way_out(tmp_path, path):
    with pytest.raises(UsageError, match="krd init"):
        find_main(path and tmp_path / path, tmp_path)


def test_a_configuration_with_mistakes_is_rejected_with_all_of_them(files):
    loaded = files.load(
        okrs=files.OKRS.replace("source: prod", "source: prot").replace("committed", "perhaps")
    )
    with pytest.raises(ConfigRejected) as caught:
        loaded.required()
    assert str(caught.value).splitlines() == [
        "the configuration has 1 mistake:",
        "okrs/team.yaml:9:21: error KRD203: `perhaps` is not a commitment; write committed or aspirational",
    ]


def test_two_files_of_one_team_and_cycle_add_up(files):
    loaded = files.load(
        more={"okrs/two.yaml": files.OKRS.replace("quick", "fast").replace("id: latency", "id: other")}
    )
    assert list(loaded.required().okrs.key_results) == ["2026-Q4:shop/latency", "2026-Q4:shop/other"]


def test_the_same_address_in_two_cycles_is_two_key_results(files):
    other = files.OKRS.replace("2026-Q4", "lab").replace("id: quick", "id: quicker")
    assert list(files.load(more={"okrs/two.yaml": other}).required().okrs.key_results) == [
        "2026-Q4:shop/latency", "lab:shop/latency"
    ]  # fmt: skip


def test_two_thousand_key_results_in_twenty_files_are_read(files):
    block = files.OKRS[files.OKRS.index("      - id") :]
    for number in range(20):
        okrs = "team: shop\ncycle: 2026-Q4\nobjectives:\n"
        for objective in range(25):
            okrs += f"  - id: o{number}-{objective}\n    title: Be quick\n    key_results:\n"
            okrs += "".join(block.replace("id: latency", f"id: l{number}-{objective}-{n}") for n in range(4))
        files.write(f"okrs/{number}.yaml", okrs)
    loaded = files.load()
    assert len(loaded.required().okrs.key_results) == 2001
