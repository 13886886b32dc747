// @ts-check
// The camera inside the app: the rear one, for as long as it is looked through. Nothing is recorded; a photo is one file, as the phone's own
// camera gives it where the browser can, else one frame of the picture.

const QUALITY = 0.92;
const PATIENCE_MS = 5_000;
/** Cameras give what they have that is nearest to it. */
const WANTED = { facingMode: { ideal: "environment" }, width: { ideal: 4096 }, height: { ideal: 3072 } };

/**
 * Open the rear camera.
 * @returns {Promise<MediaStream>}
 * @throws {Error} where there is none, or the person does not allow it
 */
export async function openLens() {
  // Absent in an insecure context, whatever the types say.
  const devices = /** @type {MediaDevices | undefined} */ (navigator.mediaDevices);
  if (devices?.getUserMedia === undefined) throw new Error("this browser opens no camera");
  return devices.getUserMedia({ video: WANTED, audio: false });
}

/** @param {MediaStream | null} stream */
export function closeLens(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/**
 * Take a photo.
 * @param {HTMLVideoElement} video that shows the camera
 * @returns {Promise<Blob>} JPEG
 * @throws {Error} when the camera shows nothing
 */
export async function takeThrough(video) {
  return (await wholePhoto(video)) ?? frame(video);
}

/** Some cameras promise a photo and never give it. @param {HTMLVideoElement} video @returns {Promise<Blob | null>} */
async function wholePhoto(video) {
  const track = /** @type {MediaStream | null} */ (video.srcObject)?.getVideoTracks()[0];
  const Capture = /** @type {{ImageCapture?: new (track: MediaStreamTrack) => {takePhoto: () => Promise<Blob>}}} */ (globalThis).ImageCapture;
  if (track === undefined || Capture === undefined) return null;
  const late = new Promise((/** @type {(value: null) => void} */ resolve) => setTimeout(() => resolve(null), PATIENCE_MS));
  try {
    const blob = await Promise.race([new Capture(track).takePhoto(), late]);
    return blob !== null && blob.type === "image/jpeg" && blob.size > 0 ? blob : null;
  } catch {
    return null;
  }
}

/** @param {HTMLVideoElement} video @returns {Promise<Blob>} */
async function frame(video) {
  const { videoWidth: width, videoHeight: height } = video;
  if (width === 0 || height === 0) throw new Error("the camera shows nothing");
  const canvas = new OffscreenCanvas(width, height);
  /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d")).drawImage(video, 0, 0);
  return canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
}
