// @ts-check
/** Opens files of the origin's private file system for exclusive, synchronous use. Handles may outlive a dead worker for a moment. */

import { StoreError } from "./error.js";

const PATIENCE_MS = 5000;

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Open a file exclusively, waiting up to 5 s for another worker's handle to go.
 * @param {FileSystemFileHandle} file
 * @returns {Promise<FileSystemSyncAccessHandle>}
 * @throws {StoreError} `Busy` when somebody else still holds it
 */
export async function openExclusively(file) {
  const deadline = performance.now() + PATIENCE_MS;
  for (let wait_ms = 25; ; wait_ms = Math.min(wait_ms * 1.5, 250)) {
    try {
      return await file.createSyncAccessHandle();
    } catch (error) {
      const isBusy = error instanceof DOMException && /NoModificationAllowed|InvalidState/.test(error.name);
      if (!isBusy) throw error;
      if (performance.now() > deadline) throw new StoreError("Busy", `${file.name} is in use elsewhere`);
      await pause(wait_ms);
    }
  }
}

/**
 * Read exactly the bytes from `at` on; what lies behind the end reads as zero.
 * @param {{read(into: Uint8Array, options: {at: number}): number}} file
 * @param {number} at
 * @param {number} length
 */
export function readAt(file, at, length) {
  const bytes = new Uint8Array(length);
  file.read(bytes, { at });
  return bytes;
}

/**
 * Write all bytes. A full disk shows as fewer bytes, as an exception, or (Chromium) as a negative error code read as a huge count.
 * @param {FileSystemSyncAccessHandle} file
 * @param {number} at
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @throws {DOMException} `QuotaExceededError`
 */
export function writeAt(file, at, bytes) {
  const written = file.write(bytes, { at });
  if (written !== bytes.length) throw new DOMException("there is no room", "QuotaExceededError");
}
