// @ts-check
// The real worker, and beside its calls the port that synchronising uses (`port {name, args}`) and a clock that can be put forward
// (`clock {days}`, from the true time), a browser that says how much room there is (`room {usage, quota}`): Chromium does not; and one that
// closes every file under the worker (`closeFiles`), or lets it stand still after so many flushes (`halt`).
import { plain } from "../../../static/js/device/store/error.js";
import { port } from "../../../static/js/device/store/worker.js";

/** Bytes do not travel as JSON: `{byte, count}` stands for that byte so often. @param {any} argument */
function withBytes(argument) {
  return typeof argument?.count === "number" ? new Uint8Array(argument.count).fill(argument.byte) : argument;
}

const scope = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const hear = /** @type {(event: MessageEvent) => void} */ (scope.onmessage);

const trueNow = Date.now.bind(Date);
/** @type {FileSystemSyncAccessHandle[]} */
const opened = [];
const open = FileSystemFileHandle.prototype.createSyncAccessHandle;
FileSystemFileHandle.prototype.createSyncAccessHandle = async function () {
  const handle = await open.call(this);
  opened.push(handle);
  return handle;
};

const flush = FileSystemSyncAccessHandle.prototype.flush;

/** Stand still for ever after so many more flushes, as one that is about to be killed. @param {number} count */
function halt(count) {
  let left = count;
  FileSystemSyncAccessHandle.prototype.flush = function () {
    if (left > 0) flush.call(this);
    left -= 1;
    if (left > 0) return;
    scope.postMessage({ event: "fault", error: { name: "Halted", message: "" } });
    for (;;);
  };
}

scope.onmessage = (event) => {
  const { id, call, args } = event.data;
  if (call === "clock") {
    Date.now = () => trueNow() + args.days * 86_400_000;
    return scope.postMessage({ id, value: null });
  }
  if (call === "room") {
    Object.defineProperty(navigator.storage, "estimate", { value: async () => args, configurable: true });
    return scope.postMessage({ id, value: null });
  }
  if (call === "halt") {
    halt(args.after);
    return scope.postMessage({ id, value: null });
  }
  if (call === "closeFiles") {
    for (const handle of opened.splice(0)) handle.close();
    return scope.postMessage({ id, value: null });
  }
  if (call !== "port") return hear(event);
  /** @type {Record<string, (...args: any[]) => Promise<unknown>>} */
  const functions = /** @type {any} */ (port);
  functions[args.name](...args.args.map(withBytes)).then(
    (value) => scope.postMessage({ id, value: value ?? null }),
    (error) => scope.postMessage({ id, error: plain(error) }),
  );
};
