// @ts-check
// Without a network: what is not safe yet as files to carry, and the receipts that come back. Exporting calls nothing safe.

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { signal } from "../../vendor/signals-core/signals-core.mjs";
import { store } from "../device/store.js";
import { button, section } from "./element.js";
import { attempt, say } from "./shell.js";
import { embedded, t } from "./word.js";

/** So long a browser may take to save what it was handed. */
const SAVING_MS = 60_000;
const isWriting = signal(false);
/** The station something is on its way to. */
const handing = signal("");

/** The keys for both ways. */
export function packageSection() {
  return section({
    title: t("carry.title"),
    body: html`<p>${t("carry.explain")}</p>
      ${stations().length > 0 ? html`<p>${t("carry.auto")}</p>` : nothing}${stationKeys()}
      ${exportKey()}
      ${button({ label: t("carry.import"), icon: "safe", isWide: true, onTap: chooseAnswer, name: "import-receipts" })}`,
    name: "carry",
  });
}

/** The key that writes the files. */
export function exportKey() {
  return button({
    label: t(isWriting.value ? "carry.writing" : "outbox.export"), icon: "saved", isWide: true, isDisabled: isWriting.value,
    onTap: () => void attempt(exportAll), name: "export-package",
  });
}

/** @returns {string[]} of this installation */
function stations() {
  return embedded("settings").stations ?? [];
}

/** A key for every station. */
function stationKeys() {
  return stations().map((url) => button({
    label: handing.value === url ? t("carry.sending") : t("carry.station", { name: new URL(url).hostname }), icon: "send", isWide: true,
    isDisabled: handing.value !== "", onTap: () => void attempt(() => handOver(url)), name: "station",
  }));
}

/** @param {string} url */
async function handOver(url) {
  handing.value = url;
  try {
    const { records, photos, safe } = await store.call("handOver", { url });
    say(safe > 0 ? t("carry.applied", { n: safe }) : t(records > 0 ? "carry.handed" : "carry.nothing", { n: records, m: photos }));
  } finally {
    handing.value = "";
  }
}

async function exportAll() {
  isWriting.value = true;
  try {
    const { files, records, photos } = await store.call("writePackage");
    if (records === 0) return say(t("carry.nothing"));
    for (const { name, blob } of files) save(name, blob);
    say(t("carry.written", { n: records, m: photos }));
  } finally {
    isWriting.value = false;
  }
}

/**
 * Hand a file to the browser to keep.
 * @param {string} name
 * @param {Blob} blob
 */
export function save(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), SAVING_MS);
}

function chooseAnswer() {
  const input = document.createElement("input");
  input.type = "file";
  input.multiple = true;
  input.hidden = true;
  for (const old of document.querySelectorAll("body > input[type=file]")) old.remove();
  document.body.append(input); // some browsers drop the answer of an input outside the page
  input.addEventListener("change", () => void attempt(() => importAll([...(input.files ?? [])])));
  input.click();
}

/** @param {File[]} files */
async function importAll(files) {
  let count = 0;
  for (const blob of files) count += (await store.call("readPackage", { blob })).applied;
  say(count > 0 ? t("carry.applied", { n: count }) : t("carry.none"));
}
