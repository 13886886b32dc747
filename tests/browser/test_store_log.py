"""The log is rewritten in place: after a cut at any step, whatever of the unflushed was kept, no line that stays is missing."""

from typing import Any

from playwright.sync_api import Page

from tests.browser.static_server import StaticServer
from tests.browser.wait import until_true

# A file that loses power at its n-th operation: of what was not flushed, each block of 512 bytes is kept or lost by the draw.
POWER_CUT = """async ([seed, count]) => {
  const { Log } = await import("/static/js/device/store/log.js");
  let state = seed >>> 0;
  const draw = () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32);
  class Cut extends Error {}
  class File {
    constructor(bytes, left) { this.now = bytes; this.kept = bytes; this.left = left; }
    step(change) {
      this.left -= 1;
      const before = this.now;
      this.now = change(before);
      if (this.left >= 0) return;
      const size = draw() < 0.5 ? this.now.length : this.kept.length;
      const torn = new Uint8Array(size);
      for (let at = 0; at < size; at += 512) {
        const from = draw() < 0.5 ? this.now : this.kept;
        torn.set(from.subarray(at, Math.min(at + 512, size)), at);
      }
      this.kept = torn;
      throw new Cut();
    }
    getSize() { return this.now.length; }
    read(into, { at }) { const part = this.now.subarray(at, at + into.length); into.set(part); return part.length; }
    write(bytes, { at }) {
      this.step((now) => {
        const next = new Uint8Array(Math.max(now.length, at + bytes.length));
        next.set(now);
        next.set(bytes, at);
        return next;
      });
      return bytes.length;
    }
    truncate(size) { this.step((now) => now.slice(0, size)); }
    flush() { this.step((now) => now); this.kept = this.now; }
    close() {}
  }
  const word = (length) => Array.from({ length }, () => "abcdefghij"[Math.floor(draw() * 10)]).join("");
  const lines = Array.from({ length: count }, (_, at) => `h${at}.${word(20 + draw() * 900)}.${word(86)}`);
  const isKept = (line) => Number(line.slice(1, line.indexOf("."))) % 3 > 0;
  const wanted = lines.filter(isKept);
  const whole = new TextEncoder().encode(lines.map((line) => `${line}\\n`).join("") + (seed % 2 ? "torn.li" : ""));
  const result = { cuts: 0, missing: 0 };
  for (let left = 0; ; left += 1) {
    const file = new File(whole, left);
    try {
      new Log(file).keepOnly(isKept);
      const rest = [...new Log(file).lines()];
      return { ...result, is_exact: JSON.stringify(rest) === JSON.stringify(wanted), steps: left };
    } catch (error) {
      if (!(error instanceof Cut)) throw error;
    }
    result.cuts += 1;
    const found = new Set(new Log(new File(file.kept, 99)).lines());
    result.missing += wanted.filter((line) => !found.has(line)).length;
    // Cut off or done again, it ends the same.
    const again = new File(file.kept, 99);
    new Log(again).keepOnly(isKept);
    const rest = new Set(new Log(again).lines());
    result.missing += wanted.filter((line) => !rest.has(line)).length;
  }
}"""


def test_no_cut_costs_a_line_that_stays(page: Page, static_server: StaticServer) -> None:
    page.goto(f"{static_server.origin}/page/store.html")
    until_true(page, "'phone' in globalThis")
    # The last ones are longer than what is copied at once.
    for seed, count in [*((seed, 40) for seed in range(60)), (60, 5000), (61, 5000)]:
        result: dict[str, Any] = page.evaluate(POWER_CUT, [seed, count])
        assert (result["missing"], result["is_exact"]) == (0, True), f"seed {seed}: {result}"
        assert result["cuts"] == result["steps"] >= 5
