"""The verbs that read and write files alone: init, new, schema, lint."""

import json

import jsonschema
import pytest
from ruamel.yaml import YAML


def test_init_writes_files_that_lint_accepts(bare):
    made = bare.krd("init")
    linted = bare.krd("lint")

    assert made.code == 0
    assert made.out.splitlines() == [
        "config/krd.yaml",
        "config/okrs/team.yaml",
        "config/schema/krd.schema.json",
        "config/schema/okrs.schema.json",
    ]
    assert "krd plan" in made.err
    assert linted.code == 0
    assert linted.err.startswith("0 errors, ")


def test_init_overwrites_nothing(bare):
    kept = bare.write("config/okrs/team.yaml", "mine")

    told = bare.krd("init")

    assert told.code == 2
    assert kept.read_text() == "mine"
    assert not (bare.folder / "config/krd.yaml").exists()
    assert not (bare.folder / "config/schema").exists()


def test_init_writes_into_the_folder_that_is_named(bare):
    made = bare.krd("init", "ops")

    assert made.code == 0
    assert "krd lint -c ops" in made.err
    assert bare.krd("lint", "ops").code == 0


def test_init_says_when_it_cannot_write(bare):
    bare.write("ops", "a file")

    told = bare.krd("init", "ops")

    assert told.code == 2
    assert "choose another folder" in told.err


def test_new_prints_yaml_of_a_key_result(bare):
    told = bare.krd("new", "Cut p95 checkout latency from 900 ms to 450 ms")

    [key_result] = YAML(typ="safe").load(told.out)
    assert told.code == 0
    assert (key_result["from"], key_result["to"], key_result["measure"]["unit"]) == (900, 450, "ms")


def test_new_refuses_a_sentence_without_a_promise(bare):
    told = bare.krd("new", "Be nice")

    assert told.code == 2
    assert told.out == ""


@pytest.mark.parametrize("which", ["krd", "okrs"])
def test_schema_prints_a_schema_that_the_files_fit(world, which):
    schema = world.krd("schema", which).json
    file = "config/krd.yaml" if which == "krd" else "config/okrs/shop.yaml"
    document = json.loads(json.dumps(YAML(typ="safe").load((world.folder / file).read_text()), default=str))

    jsonschema.Draft7Validator(schema).validate(document)


def test_lint_ends_with_0_when_there_is_nothing_to_mend(world):
    told = world.krd("lint")

    assert (told.code, told.out) == (0, "")
    assert told.err == "0 errors, 0 warnings, 0 notes in 3 key results (2 files)\n"


def test_lint_shows_every_mistake_with_its_place(world):
    world.change("config/okrs/shop.yaml", "commitment: aspirational", "comitment: aspirational")
    world.change("config/krd.yaml", "owner: li}", "owner: nobody}")

    told = world.krd("lint")

    assert told.code == 3
    assert any(
        line.startswith("config/okrs/shop.yaml:30:9: error KRD201: ") for line in told.out.splitlines()
    )
    assert any(line.startswith("config/krd.yaml:7:") and "KRD301" in line for line in told.out.splitlines())


def test_lint_ends_with_0_when_there_are_only_notes(world):
    world.change("config/krd.yaml", "owner: li}\n", "owner: li}\n  plan: {kind: linear}\n")

    told = world.krd("lint")

    assert "note KRD901" in told.out
    assert told.code == 0


def test_lint_prints_json_and_nothing_else_on_standard_output(world):
    world.change("config/okrs/shop.yaml", "to: 50", "to: 100")

    told = world.krd("lint", "-o", "json")

    [finding] = told.json
    assert (finding["code"], finding["level"], finding["file"]) == (
        "KRD402",
        "error",
        "config/okrs/shop.yaml",
    )
    assert told.code == 3


def test_lint_writes_annotations_for_github(world):
    world.change("config/okrs/shop.yaml", "to: 50", "to: 100")

    told = world.krd("lint", "-o", "github")

    assert told.out.startswith("::error file=config/okrs/shop.yaml,line=")
    assert ",title=KRD402::" in told.out


def test_lint_neutralises_what_a_file_holds(world):
    world.change("config/okrs/shop.yaml", "owner: sam", 'owner: "sam\\e[31m\\u202e"')

    told = world.krd("lint")

    assert told.code == 3
    assert "\x1b" not in told.out
    assert "\u202e" not in told.out


def test_two_thousand_key_results_are_linted(world):
    one = (
        "      - id: kr{number}\n        title: Cut it from 9 to 5\n        commitment: committed\n"
        '        measure: {{source: warehouse, query: "SELECT avg(ms) FROM calls WHERE at < :until"}}\n'
        "        from: 9\n        to: 5\n"
    )
    objective = "  - id: o{number}\n    title: Many\n    owner: li\n    key_results:\n"
    lines = ["team: crew\ncycle: now\nobjectives:\n"]
    for number in range(2000):
        if number % 5 == 0:
            lines.append(objective.format(number=number))
        lines.append(one.format(number=number))
    world.write("config/okrs/many.yaml", "".join(lines))

    told = world.process("lint")

    assert told.code == 0, told.err
    assert "in 2003 key results" in told.err
