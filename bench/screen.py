"""How soon the phone's app answers: Chromium on a quarter of a core, with years of visits on the phone, and without a network.

`bench/phone.py` is a phone as the archive sees it; this is what its person sees.
"""

import contextlib
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
from PIL import Image
from playwright.sync_api import Page, Playwright, expect, sync_playwright

from bench import past, quota
from bench.result import Results
from tests.browser import visit_city
from tests.browser.app_server import PROGRAM, AppServer
from tests.browser.cutting_proxy import CuttingProxy
from tests.browser.hand import Hand
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.small_city import USERNAME, ref
from tests.browser.test_shell import IS_KEPT, log_in, shell
from tests.browser.test_visit import begin, go
from tests.browser.wait import until_true

VISITS = (200, 2_000, 20_000)
USUAL = 2_000
PHOTOS = 500
PROJECT = ref(f"project:{visit_city.PROJECT}")
WORDS = ("钢筋", "围挡", "塔吊", "排水", "formwork", "safety net", "保护层", "crew", "基坡", "楼")
STORE = "(await import('/phone/static/js/device/store.js')).store"
FIRST = """() => document.addEventListener('DOMContentLoaded', () => {
  const look = () => {
    if (globalThis.ready || !document.querySelector('[data-name=due]')) return;
    globalThis.ready = performance.now();
    requestAnimationFrame(() => { globalThis.ready = performance.now(); });
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
})"""
# From the tap until what it asks for is on screen; the screen left is marked, so that what it shows does not count.
TAP = """async ([hash, selector]) => {
  for (const old of document.querySelectorAll(selector)) old.dataset.old = "";
  const began = performance.now();
  const seen = () => [...document.querySelectorAll(selector)].some((each) => !("old" in each.dataset));
  await new Promise((resolve, reject) => {
    const watch = new MutationObserver(() => { if (seen()) { watch.disconnect(); resolve(); } });
    watch.observe(document, { childList: true, subtree: true });
    setTimeout(() => reject(new Error(`${selector} did not come at ${hash}`)), 30_000);
    location.hash = hash;
  });
  await new Promise((resolve) => requestAnimationFrame(resolve));
  return performance.now() - began;
}"""


def measure(folder: Path, results: Results) -> None:
    """Measure all of it; without control groups nothing, since a figure of an unslowed browser would flatter."""
    if not quota.is_possible():
        print("  skipped: this machine does not let us set processor quotas")
        return
    with sync_playwright() as playwright:
        _first_visit(playwright, folder, results)
        for visits in VISITS:
            _years(playwright, folder / f"years-{visits}", visits, results)


def _first_visit(playwright: Playwright, folder: Path, results: Results) -> None:
    """Everything that comes over the wire until the app is kept on the phone: not slowed, since bytes are counted."""
    server = _server(folder / "first", 0)
    proxy = CuttingProxy(server.port)
    phone = ProfileBrowser(playwright, folder / "first-profile", viewport={"width": 360, "height": 640})
    page = phone.start()
    page.goto(f"{proxy.origin}/phone/zh-CN/")
    until_true(page, IS_KEPT, timeout_s=60)
    results.add("shell_kb", proxy.received_bytes / 1024, "KB", "≤ 520")
    phone.close()
    proxy.stop()
    server.stop()


def _server(folder: Path, visits: int) -> AppServer:
    server = AppServer(folder, program=PROGRAM)
    folder.parent.mkdir(parents=True, exist_ok=True)
    visit_city.seed(folder)
    past.fill(folder, visits)
    server.start()
    return server


def _years(playwright: Playwright, folder: Path, visits: int, results: Results) -> None:
    folder.mkdir(parents=True)
    server = _server(folder / "archive", visits)
    options: dict[str, Any] = {
        "viewport": {"width": 360, "height": 640},
        "has_touch": True,
        "timezone_id": "Asia/Shanghai",
    }
    phone = ProfileBrowser(
        playwright, folder / "profile", geolocation=visit_city.SITE, permissions=["geolocation"], **options
    )
    page = phone.start()
    _enrolled(page, server, visits)
    if visits == USUAL:
        _own_photos(page)
    server.stop()
    phone.close()

    page = phone.start()
    with quota.quarter(lambda: _processes(phone)):
        _start(page, server, results if visits == USUAL else None)
        _taps(page, visits, results)
        if visits == USUAL:
            _search(page, results)
            _recording(page, folder, phone, results)
    phone.close()
    server.kill()


def _processes(phone: ProfileBrowser) -> Iterator[psutil.Process]:
    seen: set[int] = set()
    for main in list(phone._processes()):
        with contextlib.suppress(psutil.NoSuchProcess):
            for process in (main, *main.children(recursive=True)):
                if process.pid not in seen:
                    seen.add(process.pid)
                    yield process


def _enrolled(page: Page, server: AppServer, visits: int) -> None:
    """Log in, and wait until all of the past is on the phone."""
    began = time.monotonic()
    page.goto(shell(server))
    log_in(page, USERNAME)
    expect(page.locator("[data-name=due]").first).to_be_visible(timeout=1_200_000)
    until_true(page, IS_KEPT)
    count = f"(await {STORE}.call('rows', {{ kind: 'review', limit: 100000 }})).length"
    until_true(page, f"(async () => {count} >= {visits})()", timeout_s=1_200)
    print(f"  {visits} visits came to the phone in {time.monotonic() - began:.0f} s", flush=True)


def _own_photos(page: Page) -> None:
    """Seal own visits with photos: small ones, each of other bytes."""
    hand = Hand(page)
    for number in range(5):
        visit = begin(hand, visit_city.PROJECT)
        page.evaluate(
            """async ([visit, stream, count, base]) => {
              const { store } = await import('/phone/static/js/device/store.js');
              const kinds = JSON.parse(document.getElementById('kinds').textContent);
              const canvas = new OffscreenCanvas(800, 600);
              const context = canvas.getContext('2d');
              const drafts = [];
              for (let at = 0; at < count; at += 1) {
                for (let spot = 0; spot < 200; spot += 1) {
                  context.fillStyle = `hsl(${(base * count + at) * 7 + spot * 13} 60% ${20 + (spot % 60)}%)`;
                  context.fillRect((spot * 37) % 800, (spot * 53) % 600, 90, 70);
                }
                const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 });
                const body = { visit, about: null, item: '', caption: `照片${base * count + at}`, place: '', origin: 'gallery',
                  taken_at: '2026-11-20T10:00:00.000+08:00', fix: null, no_fix: 'imported', view: null, original: null };
                const draft = await store.call('openDraft', { kind: 'photo', v: kinds.photo.v, stream, body, visit });
                await store.call('addPhoto', { draft: draft.id, blob, body: {} });
                drafts.push(draft.id);
              }
              await store.call('seal', { drafts });
            }""",
            [visit, f"project:{PROJECT}", PHOTOS // 5, number],
        )
        go(page, "visit", visit, "finish")
        page.locator("[data-name=submit]").click()
        page.fill("textarea[name=reason]", "量一量")
        page.locator("[data-name=submit-anyway]").click()
        expect(page).to_have_url(f"{page.url.split('#')[0]}#/outbox")


def _start(page: Page, server: AppServer, results: Results | None) -> None:
    page.add_init_script(f"({FIRST})()")
    page.goto(shell(server), timeout=120_000)
    until_true(page, "globalThis.ready > 0", timeout_s=120)
    page.wait_for_timeout(1_000)
    if results is None:
        return
    results.add("cold_start_ms", page.evaluate("globalThis.ready"), "ms", "≤ 1500")
    paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    results.add("first_paint_ms", page.evaluate(paint), "ms", "≤ 600")


def _taps(page: Page, visits: int, results: Results) -> None:
    """A project, an earlier visit of one's own, an entry of it, back home: five times each, the middle of all."""
    earlier = f"{{ name: 'visit_of_stream', params: {{ stream: 'project:{PROJECT}', limit: 20 }} }}"
    visit = page.evaluate(f"(async () => {STORE}.call('select', {earlier}))()")[-1]["entity"]
    entry = page.evaluate(
        f"(async () => (await {STORE}.call('rows', {{ kind: 'entry', where: {{ visit: '{visit}' }} }}))[0].entity)()"
    )
    ways = {
        "project": (f"#/project/{PROJECT}", "[data-name=responsible]"), "visit": (f"#/visit/{visit}", "[data-name=recorded]"),
        "entry": (f"#/visit/{visit}/entry/{entry}", "textarea"), "home": ("#/home", "[data-name=due]"),
    }  # fmt: skip
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(7):
        for name, (address, selector) in ways.items():
            took[name].append(page.evaluate(TAP, [address, selector]))
            page.wait_for_timeout(300)
    for name, found in took.items():
        results.add(f"tap_{name}_ms_{visits}", statistics.median(found[1:]), "ms", "≤ 100")


def _search(page: Page, results: Results) -> None:
    took = page.evaluate(
        f"""async (words) => {{
          const store = {STORE};
          const took = [];
          for (let turn = 0; turn < 4; turn += 1) for (const text of words) {{
            const began = performance.now();
            await store.call('find', {{ text, limit: 20 }});
            took.push(performance.now() - began);
          }}
          return took.slice(1);
        }}""",
        list(WORDS),
    )
    results.add("search_ms", statistics.quantiles(took, n=20)[18], "ms", "≤ 120")


def _recording(page: Page, folder: Path, phone: ProfileBrowser, results: Results) -> None:
    visit = begin(Hand(page), visit_city.PROJECT)
    _typing(page, results)
    go(page, "visit", visit)
    _photos(page, folder, phone, results)
    _seal(page, visit, results)


def _typing(page: Page, results: Results) -> None:
    """Forty keystrokes: from each until its commit is known to the page; and the longest the page was busy meanwhile."""
    page.locator("[data-name=note]").click()
    page.locator("textarea[name=what]").wait_for()
    page.evaluate(
        """() => {
          globalThis.longest = 0; globalThis.durable = [];
          new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) longest = Math.max(longest, duration); })
            .observe({ entryTypes: ['longtask'] });
        }"""
    )
    for _ in range(40):
        page.evaluate(
            """async () => {
              const { allKept } = await import('/phone/static/js/parts/visit/keep.js');
              const field = document.querySelector('textarea[name=what]');
              const began = performance.now();
              field.value += '钢';
              field.dispatchEvent(new InputEvent('input', { bubbles: true }));
              await allKept();
              durable.push(performance.now() - began);
            }"""
        )
        page.wait_for_timeout(60)
    took = page.evaluate("durable")
    results.add("draft_ms", statistics.median(took), "ms", "≤ 50")
    results.add("draft_p95_ms", statistics.quantiles(took, n=20)[18], "ms")
    results.add("longest_task_ms", page.evaluate("longest"), "ms", "≤ 50")


def _photos(page: Page, folder: Path, phone: ProfileBrowser, results: Results) -> None:
    """Twenty of 12 million points in a row, from the camera's answer until the picture is on the hub; memory while that goes on."""
    files = [_large(folder / f"large-{number}.jpg", number) for number in range(4)]
    idle = _memory(phone)
    took, most = [], idle
    for number in range(20):
        before = page.locator("[data-name=recorded] img").count()
        with page.expect_file_chooser() as chooser:
            page.locator("[data-name=photo]").click()
        # Written this moment, as the camera does; its bytes differ by their end, as no two photos are the same.
        photo = folder / f"IMG_{number:04d}.jpg"
        photo.write_bytes(files[number % 4].read_bytes() + number.to_bytes(4))
        began = time.monotonic()
        chooser.value.set_files(photo)
        until_true(
            page, f"document.querySelectorAll('[data-name=recorded] img').length > {before}", timeout_s=60
        )
        took.append((time.monotonic() - began) * 1000)
        most = max(most, _memory(phone))
    results.add("photo_ms", statistics.median(took), "ms", "≤ 1500")
    results.add("photo_last_ms", statistics.median(took[-5:]), "ms", "≤ 1500")
    results.add("photo_memory_mb", (most - idle) / 2**20, "MB", "≤ 200")


def _large(path: Path, number: int) -> Path:
    """Write a photo of 4,000 × 3,000 as a camera does: about 4 MB."""
    noise = Image.effect_noise((1000, 750), 60 + number).resize((4000, 3000), Image.Resampling.BICUBIC)
    Image.merge("RGB", (noise, noise.rotate(180), noise)).save(path, "JPEG", quality=92)
    return path


def _memory(phone: ProfileBrowser) -> int:
    return sum(process.memory_full_info().pss for process in _processes(phone))


def _seal(page: Page, visit: str, results: Results) -> None:
    """Thirty parts and twenty photos, sealed in one call with the submission."""
    took = page.evaluate(
        """async ([visit, stream]) => {
          const { store } = await import('/phone/static/js/device/store.js');
          const kinds = JSON.parse(document.getElementById('kinds').textContent);
          const open = (kind, body) => store.call('openDraft', { kind, v: kinds[kind].v, stream, body, visit });
          const ids = [];
          for (let at = 0; at < 30; at += 1) {
            const body = { visit, list: 'achievement', cause: [], known_by: 'seen', seen_on: '2026-11-20',
              what: `第${at}条：排水沟淤塞，雨后积水` };
            ids.push((await open('entry', body)).id);
          }
          const photos = (await store.call('drafts', { kind: 'photo' })).filter((draft) => draft.visit === visit);
          const manifest = await open('submission', { visit, records: [], missing: [], reason: '' });
          // What the screens make of thirty new parts is not what is measured.
          await new Promise((resolve) => setTimeout(resolve, 2_000));
          const began = performance.now();
          await store.call('seal', { drafts: [...ids, ...photos.map(({ id }) => id)], manifest: manifest.id });
          return [performance.now() - began, photos.length];
        }""",
        [visit, f"project:{PROJECT}"],
    )
    if took[1] != 20:
        raise RuntimeError(f"{took[1]} photos instead of 20")
    results.add("seal_ms", took[0], "ms", "≤ 250")
