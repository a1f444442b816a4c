"""Drives the demo's page in a real browser, in the words of the person who uses it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Locator, Page, expect, sync_playwright

CHROMIUM: Final = "/usr/bin/chromium"
ARGUMENTS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTH: Final = 1280  # narrower, the toolbar breaks in two with every answer, and the page measures itself anew
HEIGHT: Final = 800
PICTURE: Final = (800, 700)  # for pictures of the channel alone; below 761 the page takes itself for a phone
BARE: Final = "[data-workbench] { display: none !important; }"


@contextmanager
def browser_page(width: int = WIDTH, height: int = HEIGHT, scale: float = 1.0) -> Iterator["DemoPage"]:
    """A page in a headless Chromium, closed at the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            page = browser.new_page(
                viewport={"width": width, "height": height},
                device_scale_factor=scale,
                reduced_motion="reduce",
                bypass_csp=True,  # which would forbid the styles for pictures
            )
            yield DemoPage(page)
        finally:
            browser.close()


class DemoPage:
    """The page that `python -m bot demo` serves."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._composer = page.locator("#channel-composer")
        self._dialog = page.get_by_role("dialog")

    def open(self, url: str, *, bare: bool = False) -> None:
        """Open the address that the demo printed, and wait until the channel is there.

        `bare` takes simcord's workbench away, so that a picture shows what Discord would show.
        """
        self.page.goto(url)
        self._idle()
        if bare:
            self.page.add_style_tag(content=BARE)
        elif (panel := self.page.locator("#messages-toggle")).get_attribute("aria-expanded") == "true":
            panel.click()
        expect(self.page.locator("#channel-layout")).to_be_visible()
        self._idle()

    # Commands ---------------------------------------------------------------------------------------------

    def type_command(self, text: str) -> None:
        """Type `/ask`, or its beginning, into the empty line: the list of commands opens."""
        self._idle()
        box = self.page.locator("#channel-composer-input")
        box.click()
        box.fill("")
        box.press_sequentially(text)
        expect(self.page.get_by_role("listbox", name="Application commands")).to_be_visible()

    def commands(self) -> list[str]:
        """Return the commands that the open list shows, with their slash."""
        return self.page.locator(".command-entry .command-entry-title strong").all_inner_texts()

    def pick_command(self, name: str) -> None:
        """Choose `name`, given with its slash and complete (`/daily set`), from the open list."""
        exactly = self.page.locator("strong").filter(has_text=re.compile(f"^{re.escape(name)}$"))
        self.page.locator(".command-entry").filter(has=exactly).click()
        expect(self._composer.locator(".command-chip")).to_have_text(name)

    def fill_option(self, name: str, text: str) -> None:
        """Type `text` into an option; an optional one is added first."""
        self._option(name).fill("")
        self._option(name).press_sequentially(text)

    def suggestions(self) -> list[str]:
        """Wait for the suggestions of the focused option, and return them as they are shown."""
        found = self.page.locator(".command-suggestion .command-suggestion-label")
        expect(found.first).to_be_visible()
        self._idle()
        return found.all_inner_texts()

    def choose(self, label: str) -> None:
        """Take the suggestion that contains `label`."""
        self.page.locator(".command-suggestion").filter(has_text=label).first.click()

    def send(self) -> None:
        """Send what the line holds, a command or a message, and wait until it has been answered."""
        self._idle()
        self.page.locator("#send-message").click()
        self._idle()

    def command(self, name: str, **options: str) -> None:
        """Run a command from its first letter to its answer."""
        self.type_command(name)
        self.pick_command(name)
        for option, text in options.items():
            self.fill_option(option, text)
        self.send()

    # Messages ---------------------------------------------------------------------------------------------

    def messages(self) -> Locator:
        """Return the channel's messages, oldest first."""
        return self.page.locator("#channel-message-list .channel-message")

    def wait_for_text(self, text: str) -> None:
        """Wait until a message, or the open form, shows `text`."""
        expect(self.page.locator("#preview-app").get_by_text(text).last).to_be_visible(timeout=10_000)

    def press(self, label: str) -> None:
        """Press the newest button of that label, and wait until it has been answered."""
        self._idle()
        self.messages().get_by_role("button", name=label, exact=True).last.click()
        self._idle()

    def pick(self, placeholder: str, label: str) -> None:
        """Choose `label` in the newest menu, of a message or a form, that is shown as `placeholder`."""
        self._idle()
        app = self.page.locator("#preview-app")
        app.get_by_role("combobox").filter(has_text=placeholder).last.click()
        self.page.get_by_role("option").filter(has_text=label).click()
        self._idle()

    # Forms ------------------------------------------------------------------------------------------------

    def fill_modal(self, label: str, text: str) -> None:
        """Type into the open form's field of that label."""
        self._dialog.get_by_label(re.compile(f"^{re.escape(label)}")).fill(text)

    def check_modal(self, label: str) -> None:
        """Choose a radio button or tick a box of the open form."""
        self._dialog.locator("label").filter(has_text=label).first.click()

    def submit_modal(self) -> None:
        """Send the open form, and wait until it has been answered."""
        self._dialog.get_by_role("button", name="Submit", exact=True).click()
        self._idle()

    # The workbench around it ------------------------------------------------------------------------------

    def switch_viewer(self, name: str) -> None:
        """Look at the channel as another person, and act as them from then on."""
        self._idle()
        # Forced, since a bare page hides the list.
        self.page.locator("#viewer-picker").select_option(label=name, force=True)
        self.page.wait_for_function(
            "(name) => document.querySelector('#viewer-picker').selectedOptions[0]?.label === name"
            " && window.simcordPreview.authorized",
            arg=name,
        )
        self._idle()

    def troubles(self) -> list[str]:
        """Return the codes of all that the page refused, or did not see finished, of this person's actions."""
        found: list[str] = self.page.evaluate(
            "() => window.simcordPreview.activity.filter((one) => one.rejected || one.uncertain"
            " || one.settlement !== 'settled').map((one) => one.diagnostics.map((item) => item.code).join(' '))"
        )
        return found

    def end_session(self) -> None:
        """Press "End preview session", which ends the demo's process as well."""
        self.page.locator("#close").dispatch_event("click")

    def screenshot(self, path: Path) -> None:
        """Save a picture of all that is in the window, with no message under the mouse or in focus."""
        self._idle()
        self.page.mouse.move(0, 0)
        self.page.evaluate("() => document.activeElement?.closest('.channel-message') && document.activeElement.blur()")
        self.page.screenshot(path=path, animations="disabled")

    # ------------------------------------------------------------------------------------------------------

    def _option(self, name: str) -> Locator:
        field = self._composer.locator(f'input.command-option-input[data-option="{name}"]')
        if not field.count():
            self._composer.locator(".command-ghost").click()
            self.page.locator(".command-suggestion").filter(has_text=name).first.click()
        return field

    def _idle(self) -> None:
        """Wait until the page has drawn all it knows and no action is on its way."""
        self.page.wait_for_function(
            "() => { const p = window.simcordPreview;"
            " return p && p.ready && !p.pendingAction && !p.pendingQuery"
            " && (p.awaitingRevision === null || p.awaitingRevision <= p.publishedRevision)"
            " && p.commandPicker.autocomplete.state !== 'loading'; }"
        )
