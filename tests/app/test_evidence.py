"""The evidence in the browser and in the API: the documents and messages of the command line."""

from __future__ import annotations

import json
import re
from html import escape

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from calor.cli.evidence import command
from calor.core.errors import InputError
from calor.evidence.asking import records_about
from calor.evidence.library import load_records


def of_command(*arguments: str) -> dict[str, object]:
    return dict(json.loads(CliRunner().invoke(command, [*arguments, "--json"]).stdout))


@pytest.mark.parametrize(
    ("address", "arguments"),
    [
        ("evidence?words=early+steroid", ("early", "steroid")),
        ("evidence?class=ivig&phase=persistent", ("--class", "ivig", "--phase", "persistent")),
        ("evidence/goebel-2017-lips", ("goebel-2017-lips",)),
        ("evidence/A03", ("A03",)),
        ("evidence", ()),
    ],
)
def test_the_api_gives_the_document_of_the_command(
    client: TestClient, address: str, arguments: tuple[str, ...]
) -> None:
    assert client.get(f"/api/v1/{address}").json() == of_command(*arguments)


def test_a_wrong_word_gets_the_text_of_the_command_line(client: TestClient) -> None:
    with pytest.raises(InputError) as said:
        records_about(load_records(), ["immunoglobbulin"])
    answer = client.get("/api/v1/evidence?words=immunoglobbulin")
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"] == str(said.value)
    assert answer.json()["exit_code"] == 2
    page = client.get("/evidence?words=immunoglobbulin")
    assert page.status_code == 422
    assert "did you mean immunoglobulin" in page.text


def test_an_id_that_is_not_there_is_absent_with_the_nearest(client: TestClient) -> None:
    answer = client.get("/api/v1/evidence/goebel-2017-lip")
    assert answer.status_code == 404
    assert "goebel-2017-lips" in answer.json()["problems"][0]["hint"]
    assert client.get("/evidence/Z99").status_code == 404
    assert client.get("/evidence/../../etc/passwd").status_code == 404


def test_immunoglobulin_in_long_standing_crps_is_three_clicks_away(client: TestClient) -> None:
    first = client.get("/evidence").text
    (found,) = re.findall(r'href="(/evidence\?class=immunoglobulin)"', first)
    second = client.get(found).text
    (long,) = re.findall(r'href="(/evidence\?[^"]*class=immunoglobulin[^"]*phase=persistent)"', second)
    third = client.get(long.replace("&amp;", "&")).text
    assert 'href="/evidence/goebel-2017-lips"' in third
    assert "Nothing is pooled" in third
    assert "calor evidence --class immunoglobulin --phase persistent" in third


def test_a_record_shows_every_number_with_grade_and_source(client: TestClient) -> None:
    page = client.get("/evidence/goebel-2010").text
    document = of_command("goebel-2010")
    numbers = document["numbers"]
    assert isinstance(numbers, list)
    assert page.count('<tr><th scope="row"><code>') == len(numbers) > 5
    for source in numbers[0]["sources"]:
        assert f'<a href="{escape(source)}" rel="noreferrer">' in page


def test_what_people_type_is_escaped(client: TestClient) -> None:
    page = client.get("/evidence", params={"words": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_figures_carry_no_style_and_say_what_they_show(client: TestClient) -> None:
    page = client.get("/evidence?class=glucocorticoid").text
    drawn = page[page.index("<svg") : page.index("</svg>")]
    assert " style=" not in page
    assert "<style" not in page
    assert "<script>" not in page
    assert 'role="img"' in drawn
    assert "<desc" in drawn
    assert len(set(re.findall(r'id="([^"]+)"', page))) == len(re.findall(r'id="([^"]+)"', page))
