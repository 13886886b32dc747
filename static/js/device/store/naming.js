// @ts-check
/** Which bytes a body names (PROTOCOL 8). Pure. */

/** @typedef {{part: string, sha256: string, size_bytes: number, media_type: string, required: boolean}} Named */

/**
 * Return the bytes a body names, by the member that names them; only photos have any.
 * @param {Record<string, any>} body
 * @returns {Named[]}
 */
export function bytesNamed(body) {
  return Object.entries(body).flatMap(([part, value]) => {
    const isNaming = typeof value === "object" && value !== null && typeof value.sha256 === "string" && "size_bytes" in value;
    if (!isNaming) return [];
    const { sha256, size_bytes, media_type, required } = value;
    return [{ part, sha256, size_bytes, media_type: String(media_type), required: required === true }];
  });
}
