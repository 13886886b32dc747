"""An inspector's hand on the phone's screen: taps and typed characters are counted, because both are part of what is promised."""

from pathlib import Path

from playwright.sync_api import FilePayload, Page


def just_taken(photo: Path) -> FilePayload:
    """Return a photo as a camera delivers it: a file written this moment."""
    return {"name": photo.name, "mimeType": "image/jpeg", "buffer": photo.read_bytes()}


class Hand:
    """Taps, types and photographs as a person would: only what can be seen and hit."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.taps = 0
        self.characters = 0
        self.photos = 0

    def tap(self, selector: str) -> None:
        """Tap what is named once it can be tapped."""
        self.page.locator(selector).first.click()
        self.taps += 1

    def option(self, name: str, value: str) -> None:
        """Choose one answer of a field."""
        self.tap(f'label:has(input[name="{name}"][value="{value}"])')

    def write(self, selector: str, text: str) -> None:
        """Tap a field and type into it."""
        self.tap(selector)
        self.page.keyboard.insert_text(text)
        self.characters += len(text)

    def photograph(self, selector: str, photo: Path) -> None:
        """Tap a camera key and let the camera deliver; taps inside the phone's own camera are not ours."""
        with self.page.expect_file_chooser() as chooser:
            self.tap(selector)
        chooser.value.set_files(just_taken(photo))
        self.photos += 1

    def see(self, selector: str) -> None:
        """Wait until something is on screen."""
        self.page.locator(selector).first.wait_for()
