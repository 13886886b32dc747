// @ts-check
// What the core is lent by the platform: types only. The core itself touches no network, clock, randomness, storage
// or screen; whatever it needs of them comes in through these shapes.

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

/** @typedef {null | boolean | number | string | Json[] | {[name: string]: Json}} Json */
/** @typedef {{[name: string]: Json}} JsonObject */

/** @typedef {{crv: "P-256", kty: "EC", x: string, y: string}} Jwk the public half of a key, exactly these members */

/**
 * @typedef {object} CryptoPort
 * @property {(bytes: Bytes) => Promise<Bytes>} digest SHA-256, 32 bytes
 * @property {(jwk: Jwk, bytes: Bytes, signature: Bytes) => Promise<boolean>} verify ES256; false also for a key that is no point
 * @property {(key: CryptoKey, bytes: Bytes) => Promise<Bytes>} sign ES256, 64 bytes r‖s
 * @property {(length: number) => Bytes} random
 */

/**
 * @typedef {object} SecrecyPort what encrypting to somebody needs
 * @property {(bytes: Bytes) => Promise<Bytes>} digest SHA-256
 * @property {(length: number) => Bytes} random
 * @property {(jwk: Jwk) => Promise<{agreed: Bytes, epk: Jwk}>} agree ECDH of a fresh key with this one: 32 bytes, and the fresh public half
 * @property {(wrapper: Bytes, key: Bytes) => Promise<Bytes>} wrap AES-256 key wrap (RFC 3394)
 * @property {(key: Bytes, iv: Bytes, aad: Bytes, bytes: Bytes) => Promise<Bytes>} encrypt AES-256-GCM: ciphertext and 16 bytes of tag
 */

/**
 * @typedef {object} OpeningPort what opening takes; nothing a phone does
 * @property {(bytes: Bytes) => Promise<Bytes>} digest SHA-256
 * @property {(scalar: PrivateJwk, epk: Jwk) => Promise<Bytes>} agreeWith ECDH of a private key with a public one: 32 bytes
 * @property {(wrapper: Bytes, wrapped: Bytes) => Promise<Bytes | null>} unwrap AES-256 key unwrap (RFC 3394), null when it is another wrapper
 * @property {(key: Bytes, iv: Bytes, aad: Bytes, sealed: Bytes) => Promise<Bytes | null>} decrypt AES-256-GCM, null when it was changed
 * @property {(word: Bytes, salt: Bytes, count: number) => Promise<Bytes>} stretch PBKDF2 with HMAC-SHA-512: 32 bytes
 */

/** @typedef {Jwk & {d: string}} PrivateJwk */

export {};
