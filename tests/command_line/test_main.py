"""The command line, as processes of its own."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest

from bot import __version__
from bot.storage.tables import metadata
from tests.databases import rows
from tests.page_over_http import PageOverHttp, open_page
from tests.processes import LONGEST, ROOT, database_of, demo, environment, fireside

BUNDLED = ROOT / "data" / "interviews" / "francois-chollet.json"
TRANSCRIPT = ROOT / "data" / "transcripts" / "francois-chollet.txt"

pytestmark = pytest.mark.usefixtures("for_processes")


def test_ask_prints_the_answer_its_turn_and_what_else_came_near(tmp_path: Path) -> None:
    result = fireside(tmp_path, "ask", "why did he make keras")
    assert result.returncode == 0
    assert "I created Keras around February / March 2015." in result.stdout
    assert "turn 6" in result.stdout
    assert "turn 8" in result.stdout
    assert result.stderr == ""


def test_ask_as_json_has_the_documented_shape(tmp_path: Path) -> None:
    sure = json.loads(fireside(tmp_path, "ask", "what are his favourite open source libraries", "--json").stdout)
    nothing = json.loads(fireside(tmp_path, "ask", "qwertzuiop", "--json").stdout)

    assert sure["band"] == "answer"
    assert 0 < sure["confidence"] <= 1
    best = sure["matches"][0]
    assert set(best) == {"exchange", "turn", "score", "question", "passage"}
    assert (best["exchange"], best["turn"]) == (6, 12)
    assert nothing == {"band": "none", "confidence": 0.0, "matches": []}


def test_ask_is_honest_when_it_is_not_sure(tmp_path: Path) -> None:
    near = fireside(tmp_path, "ask", "deep learning")
    far = fireside(tmp_path, "ask", "qwertzuiop")
    assert near.stdout.count("- turn") >= 3
    assert "- turn" not in far.stdout
    assert near.returncode == far.returncode == 0


def test_eval_measures_against_an_interview_or_a_plain_list(tmp_path: Path) -> None:
    questions = tmp_path / "questions.jsonl"
    asked = [
        {"question": "what are his favourite open source libraries", "expected": [6], "category": "in"},
        {"question": "qwertzuiop", "expected": [], "category": "out"},
    ]
    questions.write_text("\n".join(map(json.dumps, asked)), encoding="utf-8")
    items = tmp_path / "items.json"
    listed = {6: "What are your favourite open source libraries?", 7: "Where do you live?", 8: "Who cooks at home?"}
    items.write_text(json.dumps([{"number": n, "question": text, "answer": "Hm."} for n, text in listed.items()]))

    for source in (("--interview", str(BUNDLED)), ("--items", str(items))):
        measured = json.loads(fireside(tmp_path, "eval", str(questions), *source, "--json").stdout)
        assert measured["p_at_1"] == measured["r_at_3"] == measured["mrr"] == measured["answered_right"] == 1
        assert measured["out_of_scope_answered"] == 0
        assert measured["median_ms"] <= measured["p99_ms"]
        assert set(measured["by_category"]["in"]) == set(measured) - {"by_category"}
    table = fireside(tmp_path, "eval", str(questions), "--interview", str(BUNDLED))
    assert "1.00" in table.stdout


def test_eval_says_which_line_is_wrong_and_what_is_missing(tmp_path: Path) -> None:
    questions = tmp_path / "questions.jsonl"
    questions.write_text('{"question": "x", "expected": []}\n{"question": 3}\n', encoding="utf-8")
    wrong = fireside(tmp_path, "eval", str(questions), "--interview", str(BUNDLED))
    assert wrong.returncode == 1
    assert "line 2" in wrong.stderr
    assert fireside(tmp_path, "eval", str(questions)).returncode == 1

    questions.write_text("", encoding="utf-8")
    empty = fireside(tmp_path, "eval", str(questions), "--items", str(tmp_path / "gone.json"))
    assert empty.returncode == 1
    assert "gone.json" in empty.stderr
    none = fireside(tmp_path, "eval", str(questions), "--interview", str(BUNDLED))
    assert none.returncode == 1
    assert "questions.jsonl" in none.stderr


def test_import_loads_once_and_says_what_it_did(tmp_path: Path) -> None:
    first = fireside(tmp_path, "import", str(BUNDLED))
    again = fireside(tmp_path, "import", str(BUNDLED))
    assert first.stdout.strip().endswith("new")
    assert again.stdout.strip().endswith("unchanged")


def test_import_of_ones_own_interview_leaves_the_bundled_one_out(tmp_path: Path) -> None:
    own = tmp_path / "own.json"
    made = fireside(tmp_path, "transcript", "tests/data/bread-newsletter.md", "--out", str(own))
    assert made.returncode == 0, made.stderr
    assert fireside(tmp_path, "import", str(own)).returncode == 0
    assert rows(database_of(tmp_path), "SELECT count(*) FROM interviews") == [(1,)]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"no json", "line 1"),
        (b'{"title": "\xff"}', "UTF-8"),
        (b"{}", "title"),
        (b'"' + b"x" * 50_000_000 + b'"', "MB"),
    ],
)
def test_a_broken_file_gets_a_sentence_and_leaves_the_database_as_it_was(
    tmp_path: Path, content: bytes, place: str
) -> None:
    fireside(tmp_path, "import", str(BUNDLED))
    before = _dump(tmp_path)
    broken = tmp_path / "broken.json"
    broken.write_bytes(content)

    result = fireside(tmp_path, "import", str(BUNDLED), str(broken))

    assert result.returncode == 1
    assert str(broken) in result.stderr
    assert place in result.stderr
    assert "Traceback" not in result.stderr
    assert _dump(tmp_path) == before


def _dump(folder: Path) -> list[list[tuple[object, ...]]]:
    url = database_of(folder)
    return [sorted(rows(url, f"SELECT * FROM {table}"), key=repr) for table in metadata.tables]  # noqa: S608


def test_transcript_writes_an_interview_and_says_what_was_left_out(tmp_path: Path) -> None:
    output = tmp_path / "made.json"
    options = ("--published", "2018-07-02", "--colour", "#d00000", "--name", "Adrian=Adrian Rosebrock")
    result = fireside(tmp_path, "transcript", str(TRANSCRIPT), "--out", str(output), *options)
    assert result.returncode == 0, result.stderr
    assert "24 turns, 12 exchanges" in result.stdout
    assert "advertising" in result.stdout

    made = json.loads(output.read_text(encoding="utf-8"))
    assert made["published"] == "2018-07-02"
    twice = fireside(tmp_path, "transcript", str(TRANSCRIPT), "--out", str(output))
    assert twice.returncode == 1
    assert json.loads(output.read_text(encoding="utf-8")) == made


def test_a_name_without_its_label_is_refused(tmp_path: Path) -> None:
    result = fireside(tmp_path, "transcript", str(TRANSCRIPT), "--out", str(tmp_path / "x.json"), "--name", "Adrian")
    assert result.returncode == 1
    assert "LABEL" in result.stderr


def test_a_changed_word_is_refused_until_the_file_is_sealed(tmp_path: Path) -> None:
    edited = tmp_path / "edited.json"
    edited.write_text(BUNDLED.read_text(encoding="utf-8").replace("salmon farm", "trout farm"), encoding="utf-8")
    refused = fireside(tmp_path, "import", str(edited))
    sealed = fireside(tmp_path, "seal", str(edited))
    accepted = fireside(tmp_path, "import", str(edited))
    assert refused.returncode == 1
    assert "turn t10" in refused.stderr
    assert sealed.returncode == accepted.returncode == 0


def test_the_schema_that_is_printed_is_the_one_that_is_shipped(tmp_path: Path) -> None:
    shipped = (ROOT / "data" / "interview.schema.json").read_text(encoding="utf-8")
    assert fireside(tmp_path, "schema").stdout == shipped


def test_version(tmp_path: Path) -> None:
    assert fireside(tmp_path, "version").stdout.strip() == __version__


def test_without_a_token_run_says_what_to_do(tmp_path: Path) -> None:
    result = fireside(tmp_path, "run")
    assert result.returncode == 1
    assert ".env.example" in result.stderr


def test_every_wrong_setting_is_named_and_no_value_shown(tmp_path: Path) -> None:
    result = fireside(tmp_path, "run", DEMO_PORT="a-secret", LOG_LEVEL="another-secret")
    assert result.returncode == 1
    assert "DEMO_PORT" in result.stderr
    assert "LOG_LEVEL" in result.stderr
    assert "secret" not in result.stderr


@pytest.mark.only("sqlite")
def test_shards_of_other_processes_need_another_database_than_sqlite(tmp_path: Path) -> None:
    result = fireside(tmp_path, "run", DISCORD_TOKEN="MTIz.not.a-token", SHARD_COUNT="2", SHARD_IDS="0")
    assert result.returncode == 1
    assert {name for name in ("SHARD_IDS", "PostgreSQL", "SQLite") if name in result.stderr} == {
        "SHARD_IDS",
        "PostgreSQL",
        "SQLite",
    }
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "fireside.db").exists()


def test_a_port_in_use_is_said_in_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = fireside(tmp_path, "demo", "--no-browser", "--port", str(port))
    assert result.returncode == 1
    assert str(port) in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("port", ["-1", "65536"])
def test_a_port_that_can_not_be_is_refused(tmp_path: Path, port: str) -> None:
    result = fireside(tmp_path, "demo", "--no-browser", f"--port={port}")
    assert result.returncode == 2
    assert "--port" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_demo_serves_its_page_and_stops_at_once_without_touching_the_database(
    tmp_path: Path, number: signal.Signals
) -> None:
    with demo(tmp_path) as (process, address):
        with urlopen(address.partition("#")[0], timeout=LONGEST) as page:
            assert page.status == 200
        process.send_signal(number)
        _, errors = process.communicate(timeout=5)
    assert process.returncode == 0
    assert errors == ""
    assert not (tmp_path / "fireside.db").exists()


@pytest.mark.parametrize("days", ["0", "-1", "4", "nan"])
def test_a_demo_of_no_days_or_too_many_a_minute_is_refused_in_a_sentence(tmp_path: Path, days: str) -> None:
    result = fireside(tmp_path, "demo", "--no-browser", f"--days-a-minute={days}")
    assert result.returncode == 1
    assert f"--days-a-minute {days}" in result.stderr
    assert "Traceback" not in result.stderr


async def test_in_a_fast_demo_the_morning_comes_in_seconds_and_clicks_are_answered_meanwhile(tmp_path: Path) -> None:
    with demo(tmp_path, "--days-a-minute", "3") as (process, address):
        async with open_page(address) as tom, open_page(address) as mira:
            await tom.act(
                "viewer", viewer_id=next(each["id"] for each in tom.state["viewers"] if each["name"] == "Tom")
            )
            await tom.look()
            soon = f"{datetime.now(UTC) + timedelta(hours=3):%H:%M}"
            clicks = [await tom.run("daily set", channel=tom.state["channelId"], time=soon, zone="UTC")]
            async with asyncio.timeout(LONGEST):
                while not (posts := _posts(mira)):
                    clicks.append(await mira.run("about"))
                    await mira.look()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=5)
    assert errors == ""
    assert {(each["settlement"], each["uncertain"], each["rejected"]) for each in clicks} == {("settled", False, False)}
    assert [f"{post:%H:%M}" for post in posts] == [soon]


def _posts(page: PageOverHttp) -> list[datetime]:
    """Return when the quotes that nobody asked for came, in order."""
    shown = (page.state["messages"][number] for number in page.state["timeline"][1:])  # the welcome comes first
    return [datetime.fromisoformat(each["timestamp"]) for each in shown if each["interaction_header"] is None]


def test_run_opens_the_demo_where_that_is_asked_for(tmp_path: Path) -> None:
    port = _free_port()
    command = [sys.executable, "-m", "bot", "run", "--or-demo", "--no-browser"]
    settings = environment(tmp_path, DEMO_PORT=str(port))
    with subprocess.Popen(command, cwd=ROOT, env=settings, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [process.stdout.readline(), process.stdout.readline()]
        process.send_signal(signal.SIGINT)
        process.wait(timeout=5)
    assert "DISCORD_TOKEN" in said[0]
    assert f"http://127.0.0.1:{port}/" in said[1]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def test_import_comments_takes_each_question_once(tmp_path: Path) -> None:
    first = fireside(tmp_path, "import-comments", "--server", "5")
    second = fireside(tmp_path, "import-comments", "--server", "5", "--interview", "francois-chollet")
    assert first.returncode == second.returncode == 0
    assert " 0 there already" in first.stdout
    assert " 0 questions taken" in second.stdout
    assert fireside(tmp_path, "import-comments", "--server", "5", "--interview", "nothing").returncode == 1
