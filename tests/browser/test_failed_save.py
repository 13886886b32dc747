"""Saves that fail, as the screen shows them: what was typed stays there, is not called kept, and is kept when saving works again."""

from playwright.sync_api import expect

from tests.browser import visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.test_shell import shell
from tests.browser.test_visit import KEPT, begin, enrolled

# The worker's answer to every save, as it gives it when there is no room (`test_store_full.py` has the real one).
REFUSE = """() => {
  const post = Worker.prototype.postMessage;
  globalThis.recover = () => { Worker.prototype.postMessage = post; };
  Worker.prototype.postMessage = function (message, ...more) {
    if (!/^(?:open|save|patch)Draft$/.test(message.call)) return post.call(this, message, ...more);
    const error = { name: "StorageFull", message: "there is no room left on this phone" };
    queueMicrotask(() => this.onmessage({ data: { id: message.id, error } }));
  };
}"""
WORDS = ("护坡开裂两处", "护坡开裂两处，长约三米", "护坡开裂两处，长约三米，已拍照")


def test_words_that_could_not_be_kept_stay_on_the_screen_and_are_kept_when_there_is_room(
    server: AppServer, phone: ProfileBrowser
) -> None:
    page = enrolled(phone, server)
    hand = Hand(page)
    begin(hand, visit_city.PROJECT)
    hand.tap("[data-name=note]")
    field, failure = page.locator("textarea[name=what]"), page.locator("[data-name=failure]")
    field.fill(WORDS[0])
    hand.see(KEPT)
    page.evaluate(REFUSE)
    for words in WORDS[1:]:
        field.fill(words)
        expect(failure).to_contain_text("本机空间不足")
        expect(page.locator(KEPT)).to_have_count(0)
        expect(field).to_have_value(words)
    page.evaluate("recover()")
    failure.get_by_role("button").first.click()
    hand.see(KEPT)
    expect(failure).to_have_count(0)
    entry = page.url.rpartition("#")[2]
    phone.kill()

    page = phone.start()
    page.goto(f"{shell(server)}#{entry}")
    expect(page.locator("textarea[name=what]")).to_have_value(WORDS[-1])
