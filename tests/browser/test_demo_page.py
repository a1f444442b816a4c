"""The demo in a real browser: what a newcomer does in the first minutes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.demo_page import CHROMIUM, PICTURE, DemoPage, browser_page
from tests.processes import demo

pytestmark = pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="Chromium is not installed")

UNANSWERED = "Which band did you listen to while writing the book?"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with demo(tmp_path) as (_, address):
        yield address


@pytest.fixture
def pictures(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where screenshots go: into the docs if asked for, else nowhere that lasts."""
    folder: Path = request.config.getoption("--pictures") or tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def test_ask_with_a_suggestion_and_read_the_answer(address: str, pictures: Path) -> None:
    with browser_page(*PICTURE, scale=2) as page:
        page.open(address, bare=True)
        page.wait_for_text("What to try")

        page.type_command("/ask")
        page.pick_command("/ask")
        page.fill_option("question", "why did he make keras")
        suggestions = page.suggestions()
        assert any("what gap does it fill" in suggestion for suggestion in suggestions)
        page.send()

        page.wait_for_text("turn 6 of 24")
        page.wait_for_text("I created Keras around February / March 2015.")
        assert page.troubles() == []
        page.screenshot(pictures / "demo.png")


def test_a_question_without_an_answer_reaches_the_author(address: str, pictures: Path) -> None:
    with browser_page(*PICTURE, scale=2) as page:
        page.open(address, bare=True)
        page.command("/ask", question=UNANSWERED)
        page.press(_ask_author(page))
        page.fill_modal("Your question", UNANSWERED)
        page.screenshot(pictures / "question.png")
        page.submit_modal()
        page.wait_for_text("Saved.")

        page.command("/question mine")
        page.wait_for_text("Your questions")
        assert UNANSWERED in page.messages().last.inner_text()
        assert page.troubles() == []


def _ask_author(page: DemoPage) -> str:
    near = page.page.get_by_role("button", name="None of these: ask the author")
    alone = page.page.get_by_role("button", name="Ask the author", exact=True)
    near.or_(alone).first.wait_for()
    return "None of these: ask the author" if near.count() else "Ask the author"


def test_a_choice_of_near_answers_and_the_pages_of_one(address: str, pictures: Path) -> None:
    with browser_page(*PICTURE, scale=2) as page:
        page.open(address, bare=True)
        page.command("/ask", question="deep learning")
        page.wait_for_text("Did you mean one of these?")
        page.screenshot(pictures / "suggestions.png")

        page.command("/interview")
        page.press("Read from the start")
        page.wait_for_text("turn 1 of 24")
        page.press("Later")
        page.wait_for_text("turn 2 of 24")
        page.screenshot(pictures / "reader.png")
        assert page.troubles() == []


def test_a_moderator_sets_the_daily_quote_and_exports(address: str) -> None:
    with browser_page() as page:
        page.open(address)
        page.switch_viewer("Tom")
        page.type_command("/daily")
        page.pick_command("/daily set")
        page.fill_option("channel", "fire")
        page.choose("fireside")
        page.fill_option("time", "09:00")
        page.fill_option("zone", "berlin")
        page.choose("Europe/Berlin")
        page.send()
        page.wait_for_text("A quote every day")
        page.command("/export questions")
        page.wait_for_text("No question here is like that")
        page.command("/setup")
        page.wait_for_text("Answers are public.")
        page.press("Make answers private")
        page.wait_for_text("Answers are private.")
        page.command("/gaps")
        page.wait_for_text("Nothing was asked in vain")
        assert page.troubles() == []


def test_a_question_comes_back_from_its_author(address: str, pictures: Path) -> None:
    with browser_page(*PICTURE, scale=2) as page:
        page.open(address, bare=True)
        page.command("/question ask")
        page.fill_modal("Your question", UNANSWERED)
        page.submit_modal()
        page.wait_for_text("Saved.")

        page.switch_viewer("Tom")
        page.command("/inbox")
        page.wait_for_text("Inbox")
        page.pick("Open a question", UNANSWERED[:30])
        page.press("Approve")
        page.wait_for_text("Approved")
        page.screenshot(pictures / "review.png")
        page.type_command("/answer")
        page.pick_command("/answer publish")
        page.fill_option("question", "band")
        page.choose(UNANSWERED)
        page.send()
        page.fill_modal("Answer", "Mostly the rain on the roof.")
        page.submit_modal()

        page.switch_viewer("Mira")
        page.command("/ask", question=UNANSWERED)
        page.wait_for_text("Mostly the rain on the roof.")
        page.wait_for_text("asked by readers")
        assert page.troubles() == []
        page.screenshot(pictures / "answered.png")


def test_the_panel_of_the_daily_quote(address: str, pictures: Path) -> None:
    with browser_page(*PICTURE, scale=2) as page:
        page.open(address, bare=True)
        page.switch_viewer("Tom")
        page.command("/setup")
        page.press("Daily quote")
        page.press("Where and when")
        page.fill_modal("Time zone", "Munich")
        page.submit_modal()
        page.wait_for_text("Europe/Berlin")
        page.press("What and how")
        page.check_modal("As a dark card")
        page.submit_modal()
        page.wait_for_text("as a dark card")
        assert page.troubles() == []
        page.screenshot(pictures / "setup.png")
