/* The token of a secret ballot: blinded here, signed by a server that does not see it, and unblinded here.
   RSABSSA-SHA384-PSS-Randomized of RFC 9474; docs/consultations.md, Token, says what each byte is. */

const HASH_BYTES = 48;
const SALT_BYTES = 48;
const PREPARED_BYTES = 64;
const FEWEST_BITS = 2048;
const SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* What went wrong, by a code that the page translates. */
export class BallotBoxError extends Error {
  constructor(code) {
    super(code);
    this.name = "BallotBoxError";
    this.code = code;
  }
}

function need(holds, code) {
  if (!holds) throw new BallotBoxError(code);
}

export function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function fromHex(text) {
  need(typeof text === "string" && /^(?:[0-9a-f]{2})*$/.test(text), "malformed");
  return Uint8Array.from({ length: text.length / 2 }, (_, place) => parseInt(text.slice(2 * place, 2 * place + 2), 16));
}

function join(...parts) {
  const found = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let start = 0;
  for (const part of parts) {
    found.set(part, start);
    start += part.length;
  }
  return found;
}

function random(length) {
  return crypto.getRandomValues(new Uint8Array(length));
}

async function digest(name, ...parts) {
  return new Uint8Array(await crypto.subtle.digest(name, join(...parts)));
}

function ascii(text) {
  return new TextEncoder().encode(text);
}

function toNumber(bytes) {
  return bytes.length ? BigInt(`0x${toHex(bytes)}`) : 0n;
}

function toBytes(number, length) {
  return fromHex(number.toString(16).padStart(2 * length, "0"));
}

function power(base, exponent, modulus) {
  let found = 1n;
  for (let square = base % modulus, left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) found = (found * square) % modulus;
    square = (square * square) % modulus;
  }
  return found;
}

/* Returns 0 where there is none: the two numbers share a prime. */
function inverseOf(number, modulus) {
  let [last, rest] = [modulus, number % modulus];
  let [before, found] = [0n, 1n];
  while (rest > 1n) {
    const times = last / rest;
    [last, rest] = [rest, last - times * rest];
    [before, found] = [found, before - times * found];
  }
  return rest === 1n ? ((found % modulus) + modulus) % modulus : 0n;
}

function readKey(publicKey) {
  const n = toNumber(fromHex(publicKey.n));
  const e = BigInt(publicKey.e);
  const bits = n.toString(2).length;
  need(bits >= FEWEST_BITS && n & 1n && e >= 3n && e & 1n && e < n, "bad-key");
  return { n, e, length: Math.ceil(bits / 8), bits: bits - 1 };
}

/* MGF1 with SHA-384 (RFC 8017, appendix B.2.1). */
async function mask(seed, length) {
  const blocks = [];
  for (let block = 0; block * HASH_BYTES < length; block += 1) {
    blocks.push(await digest("SHA-384", seed, toBytes(BigInt(block), 4)));
  }
  return join(...blocks).subarray(0, length);
}

/* EMSA-PSS-ENCODE (RFC 8017, section 9.1.1). */
async function encode(prepared, salt, bits) {
  const length = Math.ceil(bits / 8);
  const hash = await digest("SHA-384", new Uint8Array(8), await digest("SHA-384", prepared), salt);
  const padding = new Uint8Array(length - SALT_BYTES - HASH_BYTES - 2);
  const block = join(padding, Uint8Array.of(1), salt);
  const covering = await mask(hash, block.length);
  const masked = block.map((byte, place) => byte ^ covering[place]);
  masked[0] &= 0xff >> (8 * length - bits);
  return join(masked, hash, Uint8Array.of(0xbc));
}

/* A number below the modulus: those that are not are drawn again, so that each is as likely. */
function below(key) {
  for (;;) {
    const found = toNumber(random(key.length)) & ((1n << BigInt(key.bits + 1)) - 1n);
    if (found > 0n && found < key.n) return found;
  }
}

/* Says whether a signature is a key's, of a prepared message (RFC 9474, section 4.5). */
export async function verify(publicKey, prepared, signature) {
  const key = readKey(publicKey);
  const number = toNumber(signature);
  if (signature.length !== key.length || number >= key.n) return false;
  const length = Math.ceil(key.bits / 8);
  const opened = power(number, key.e, key.n);
  if (opened >> BigInt(key.bits)) return false;
  const encoded = toBytes(opened, length);
  const hash = encoded.subarray(length - HASH_BYTES - 1, length - 1);
  const covering = await mask(hash, length - HASH_BYTES - 1);
  const salt = covering.map((byte, place) => byte ^ encoded[place]).slice(-SALT_BYTES);
  /* The encoding is a function of message and salt: comparing it whole leaves no gap. */
  return toHex(await encode(prepared, salt, key.bits)) === toHex(encoded);
}

/* Makes a token and hides it: `blinded` is for the server, all of it is to be kept until the ballot is sent.
   Returns texts only, so that it can be stored and taken up again. */
export async function newToken(publicKey) {
  const key = readKey(publicKey);
  const prepared = random(PREPARED_BYTES);
  const message = toNumber(await encode(prepared, random(SALT_BYTES), key.bits));
  const factor = below(key);
  const inverse = inverseOf(factor, key.n);
  need(inverse && inverseOf(message, key.n), "bad-key");
  const blinded = (message * power(factor, key.e, key.n)) % key.n;
  return {
    prepared: toHex(prepared),
    blinded: toHex(toBytes(blinded, key.length)),
    inverse: toHex(toBytes(inverse, key.length)),
  };
}

/* Takes the blinding off what the server signed, and checks it. */
export async function finish(publicKey, secret, blindSignature) {
  const key = readKey(publicKey);
  const signed = fromHex(blindSignature);
  need(signed.length === key.length, "bad-length");
  const number = (toNumber(signed) * toNumber(fromHex(secret.inverse))) % key.n;
  const signature = toBytes(number, key.length);
  need(await verify(publicKey, fromHex(secret.prepared), signature), "wrong-signature");
  return { prepared: secret.prepared, signature: toHex(signature) };
}

/* Returns, in hexadecimal, the name under which a ballot lies in the box. */
export async function tokenId(prepared) {
  return toHex(await digest("SHA-256", ascii("assemblee-token-1\n"), fromHex(prepared)));
}

/* Returns the short code by which a voter finds a ballot on the board. */
export async function receipt(consultation, token, ballotBytes) {
  const start = ascii(`assemblee-receipt-1\n${consultation}\n`);
  const hash = await digest("SHA-256", start, fromHex(token), Uint8Array.from(ballotBytes));
  const number = toNumber(hash) >> 196n;
  const symbols = Array.from({ length: 12 }, (_, place) => SYMBOLS[Number((number >> BigInt(55 - 5 * place)) & 31n)]);
  return symbols.join("").replace(/(.{4})(?=.)/g, "$1-");
}
