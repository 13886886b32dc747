// @ts-check
// A plan curve drawn anew while its rows are typed in; the server draws the same when the page comes from there.

const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, DAY_MS] = [600, 160, 86_400_000];

const rows = document.querySelector("[data-rows='plan']");
const figure = document.querySelector("#plan-drawing");
if (rows instanceof HTMLElement && figure instanceof HTMLElement) {
  rows.addEventListener("input", () => draw(rows, figure));
}

/** @param {HTMLElement} rows @param {HTMLElement} figure */
function draw(rows, figure) {
  const points = [...rows.querySelectorAll(".row")].flatMap((row) => {
    const [on, due] = [...row.querySelectorAll("input")].map(({ value }) => value);
    return on && due ? [{ day: Date.parse(on) / DAY_MS, due: Number(due) }] : [];
  });
  const [first, last] = [points[0], points.at(-1)];
  const isWhole = first !== undefined && last !== undefined && points.length > 1
    && points.every(({ day, due }, place) => Number.isFinite(day) && due >= 0 && due <= 100 && (place === 0 || day > (points[place - 1]?.day ?? day)));
  const svg = figure.querySelector("svg");
  svg?.toggleAttribute("data-stale", !isWhole);
  if (!isWhole || svg === null) return;
  const line = points.map(({ day, due }) => [Math.round(((day - first.day) * WIDTH) / (last.day - first.day)), Math.round(HEIGHT - (due * HEIGHT) / 100)]);
  svg.querySelector("polyline")?.setAttribute("points", line.map((point) => point.join(",")).join(" "));
  for (const dot of svg.querySelectorAll("circle")) dot.remove();
  for (const [x, y] of line) {
    const dot = document.createElementNS(SVG, "circle");
    for (const [name, value] of [["cx", x], ["cy", y], ["r", 4]]) dot.setAttribute(String(name), String(value));
    svg.append(dot);
  }
  const sides = figure.querySelectorAll("figcaption time");
  for (const [place, side] of sides.entries()) side.textContent = new Date((place === 0 ? first : last).day * DAY_MS).toISOString().slice(0, 10);
}
