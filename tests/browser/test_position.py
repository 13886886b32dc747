"""Positions are the phone's own samples: what is hours old is none, and without one the reason stands there."""

from typing import Any

from playwright.sync_api import Page

# The browser's own watch is put aside: the test says what it gives, and how old that is.
SAMPLES = """async () => {
  const { position } = await import("/static/js/device/position.js");
  let take, refuse;
  navigator.geolocation.watchPosition = (...given) => { [take, refuse] = given; return 1; };
  const give = (age_ms) => take({ coords: { latitude: 26.5, longitude: 110.5, accuracy: 12.4 }, timestamp: Date.now() - age_ms });
  const found = {};
  position.start();
  found.none = position.near();
  give(3 * 3_600_000);
  found.old = position.near();
  give(5_000);
  found.fresh = position.near();
  found.then = position.near(Date.now() - 3 * 3_600_000);
  position.stop();
  position.start();
  found.forgotten = position.near();
  refuse({ code: 1 });
  found.denied = position.near();
  position.stop();
  return found;
}"""


def test_a_position_of_hours_ago_is_none_and_without_one_the_reason_is_told(judge: Page) -> None:
    found: dict[str, Any] = judge.evaluate(SAMPLES)
    fresh = found["fresh"]["fix"]
    assert 5_000 <= fresh.pop("age_ms") < 60_000
    assert fresh == {"lat_e7": 265_000_000, "lon_e7": 1_105_000_000, "accuracy_m": 12}
    # For a moment hours ago, what was sampled then counts.
    assert found["then"]["fix"] is not None
    reasons = {name: one["no_fix"] for name, one in found.items() if one["fix"] is None}
    assert reasons == {"none": "timeout", "old": "too_old", "forgotten": "timeout", "denied": "denied"}
