// @ts-check
// The page that shows a code: counts down, and is loaded again when a phone came or the time is over.

const ASK_MS = 2_000;
const card = /** @type {HTMLElement} */ (document.querySelector(".enrolment"));
const timer = document.querySelector(".enrolment-left");
const words = timer?.textContent ?? "";
const ends = performance.now() + 1_000 * Number(timer?.getAttribute("data-left") ?? 0);

/** The words of the page with the time in them replaced. */
function tick() {
  const left = Math.max(0, Math.ceil((ends - performance.now()) / 1_000));
  if (timer) timer.textContent = words.replace(/[0-9]+:[0-9]{2}/, `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`);
}

/** An answer that does not come is asked for again. */
async function ask() {
  const answer = await fetch(card.dataset["ask"] ?? "", { headers: { Accept: "application/json" } }).catch(() => null);
  if (answer?.ok && (await answer.json()).state !== card.dataset["state"]) location.reload();
  else setTimeout(() => void ask(), ASK_MS);
}

setInterval(tick, 1_000);
setTimeout(() => void ask(), ASK_MS);
