// @ts-check
// Display images are made off the request path: a placeholder (status 202) is asked for again until the image is there.

const TRIES = 30;

/**
 * Say whether what the page itself loaded was still the placeholder: the picture may have been made before the first question about it.
 * A browser that does not tell is taken to say so; that costs one more request.
 * @param {HTMLImageElement} image
 * @param {string} address
 */
async function cameAsPlaceholder(image, address) {
  if (!image.complete) await new Promise((resolve) => image.addEventListener("load", resolve, { once: true }));
  const loads = /** @type {PerformanceResourceTiming[]} */ (performance.getEntriesByName(address, "resource")).filter(({ initiatorType }) => initiatorType === "img");
  const status = loads.at(-1)?.responseStatus;
  return status === undefined || status === 202;
}

/**
 * Ask whether an image is still a placeholder and load it anew when it is not.
 * @param {HTMLImageElement} image
 * @param {string} address
 * @param {number} left
 */
async function follow(image, address, left) {
  const answer = await fetch(address, { method: "HEAD" });
  if (answer.status !== 202) {
    if (left < TRIES || (await cameAsPlaceholder(image, address))) image.src = `${address}&made=1`;
    return;
  }
  if (left === 0) return;
  const wait_s = Number(answer.headers.get("Retry-After") ?? "2");
  setTimeout(() => watch(image, address, left - 1), wait_s * 1000);
}

/**
 * @param {HTMLImageElement} image
 * @param {string} address
 * @param {number} left
 */
function watch(image, address, left) {
  follow(image, address, left).catch((error) => console.warn("photo", address, error));
}

for (const image of document.querySelectorAll("img[data-photo]")) {
  if (image instanceof HTMLImageElement) watch(image, image.src, TRIES);
}
