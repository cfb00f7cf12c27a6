// A second verifier of `asm-draw-1`, written from docs/verify.md alone: node verify.mjs FOLDER...
// One line of JSON a folder: {"folder", "verdict": true or false, "check"}. It exits with 1 if one is refused.
// It leaves the pairing of drand's rounds out.

import { createHash, createHmac, createPublicKey, verify as verifySignature } from "node:crypto";
import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";

const FILES = [
  "README.txt", "beacon.json", "checkpoint.txt", "draw.json", "log.json", "lottery.json", "pairing.py",
  "result.json", "reveals.json", "signatures.json", "verify.py",
];
const QUICKNET = {
  chain: "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971",
  genesis: 1692803367,
  key: "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451"
    + "0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a",
  kind: "drand",
  network: "quicknet",
  period: 3,
};

class Refusal extends Error {}

function ensure(condition, reason) {
  if (!condition) throw new Refusal(reason);
}

// Canonical JSON -----------------------------------------------------------------------------------------

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const names = Object.keys(value).sort();
    return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

function walk(value) {
  if (typeof value === "string") {
    ensure(value.isWellFormed() && value.normalize("NFC") === value, "text");
  } else if (typeof value === "number") {
    ensure(Number.isSafeInteger(value), "number");
  } else if (Array.isArray(value)) {
    value.forEach(walk);
  } else if (value !== null && typeof value === "object") {
    for (const [name, inner] of Object.entries(value)) {
      // eslint-disable-next-line no-control-regex
      ensure(/^[\x00-\x7f]*$/.test(name), "key");
      walk(inner);
    }
  }
}

function parse(bytes) {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  const value = JSON.parse(text);
  ensure(canonical(value) === text, "form");
  walk(value);
  return value;
}

// Shapes --------------------------------------------------------------------------------------------------

const isText = (value) => typeof value === "string";
const isWhole = (value) => Number.isSafeInteger(value) && value >= 0;
const isHash = (value) => isText(value) && /^[0-9a-f]{64}$/.test(value) && value.length === 64;
const isDigits = (value) => isText(value) && /^(0|[1-9][0-9]{0,3999})$/.test(value) && !value.includes("\n");
const isSigned = (value) => isDigits(value) || (isText(value) && value[0] === "-" && value !== "-0" && isDigits(value.slice(1)));
const isTruth = (value) => typeof value === "boolean";
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const listOf = (shape, length) => (value) =>
  Array.isArray(value) && (length === undefined || value.length === length) && value.every(shape);
const exactly = (...choices) => (value) => choices.includes(value);
const record = (shapes) => (value) =>
  isObject(value)
  && canonical(Object.keys(value).sort()) === canonical(Object.keys(shapes).sort())
  && Object.entries(shapes).every(([name, shape]) => shape(value[name]));

function isDate(value) {
  if (!isText(value) || !/^\d{4}-\d\d-\d\d$/.test(value) || value.length !== 10 || value < "0001") return false;
  const found = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(found.getTime()) && found.toISOString().slice(0, 10) === value;
}

function isMoment(value) {
  if (!isText(value) || value.length !== 20 || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value)) return false;
  if (value < "0001") return false;
  const found = new Date(value);
  return !Number.isNaN(found.getTime()) && found.toISOString() === value.replace("Z", ".000Z");
}

const pair = listOf(isDigits, 2);
const DRAW = record({
  protocol: exactly("asm-draw-1"),
  draw: isWhole,
  title: isText,
  publication: exactly("open", "sealed"),
  pool: Array.isArray,
  counts: listOf(listOf(isWhole)),
  quotas: listOf(record({ category: isText, cells: listOf(record({ value: isText, min: isWhole, max: isWhole })) })),
  size: isWhole,
  alternates: isWhole,
  rule: isText,
  tickets: isWhole,
  solver: listOf(record({ name: isText, version: isText, options: isObject })),
  code: record({ name: isText, version: isText }),
  guarantors: listOf(record({ name: isText, key: isText })),
  threshold: isWhole,
  log: isText,
  beacon: isObject,
  deadlines: record({ cosign: isMoment, reveal: isMoment, beacon: isMoment }),
  earlier: record({ held: isWhole, cancelled: isWhole, lapsed: isWhole }),
});
const LOTTERY = record({
  format: exactly("asm-draw-1/lottery"),
  commit: isHash,
  panels: listOf(record({ tickets: isWhole, members: listOf(isWhole) })),
  chances: record({ fractions: listOf(pair), people: listOf(isWhole) }),
  rounding: isWhole,
  excluded: listOf(isWhole),
  certificate: record({
    denominator: isDigits,
    size: isSigned,
    quotas: listOf(pair),
    weights: listOf(isDigits),
    bound: listOf(isSigned, 2),
    minimum: pair,
    proved: isTruth,
  }),
});
const GROUP = record({ name: isText, count: isWhole, least: isWhole, most: isWhole });
const SOURCE = record({
  kind: exactly("lottery", "balls"), source: isText, date: isDate, groups: listOf(GROUP), witnesses: isWhole,
});
const NUMBERS = record({ kind: isText, numbers: listOf(listOf(isWhole)), witnesses: listOf(isText) });
const ROUND = record({
  kind: exactly("drand"), round: isWhole,
  signature: (value) => isText(value) && value.length === 96 && /^[0-9a-f]{96}$/.test(value),
});
const RESULT = record({
  seed: isHash, ticket: isWhole, panel: isWhole, members: listOf(isText), alternates: listOf(isText),
  counts: listOf(listOf(isWhole)),
});
const LEAF = record({ actor: isText, at: isMoment, data: isObject, event: isText, mandate: isWhole });

// Hashes, trees, signatures, notes ------------------------------------------------------------------------

const bytesOf = (part) => (typeof part === "string" ? Buffer.from(part, "utf8") : part);
const sha256 = (...parts) => createHash("sha256").update(Buffer.concat(parts.map(bytesOf))).digest();
const compareTexts = (one, two) => Buffer.compare(bytesOf(one), bytesOf(two));
const strictly = (values, compare) => values.every((value, place) => place === 0 || compare(values[place - 1], value) < 0);
const fromHex = (value) => Buffer.from(value, "hex");

function uint64(number) {
  const found = Buffer.alloc(8);
  found.writeBigUInt64BE(BigInt(number));
  return found;
}

const tagged = (...parts) => sha256(...parts.flatMap((part) => [uint64(bytesOf(part).length), bytesOf(part)]));
const node = (left, right) => sha256(Buffer.from([1]), left, right);
const leafHash = (data) => sha256(Buffer.from([0]), data);

function treeRoot(hashes) {
  if (hashes.length === 0) return sha256();
  if (hashes.length === 1) return hashes[0];
  let half = 1;
  while (half * 2 < hashes.length) half *= 2;
  return node(treeRoot(hashes.slice(0, half)), treeRoot(hashes.slice(half)));
}

function proves(leaf, position, size, proof, top) {
  if (position >= size) return false;
  let [place, last, hash] = [position, size - 1n, leaf];
  for (const other of proof) {
    if (last === 0n) return false;
    if (place % 2n === 1n || place === last) {
      hash = node(other, hash);
      while (place % 2n === 0n && place !== 0n) [place, last] = [place / 2n, last / 2n];
    } else {
      hash = node(hash, other);
    }
    [place, last] = [place / 2n, last / 2n];
  }
  return last === 0n && hash.equals(top);
}

const PRIME = 2n ** 255n - 19n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const little = (bytes) => BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);

function ed25519(key, message, signature) {
  if (signature.length !== 64 || little(signature.subarray(32)) >= ORDER) return false;
  // Encodings of y that are not below the prime are not canonical; neither is minus zero.
  for (const point of [key, signature.subarray(0, 32)]) {
    const y = little(point) & (2n ** 255n - 1n);
    const minus = point[31] >> 7 === 1;
    if (y >= PRIME || (minus && (y === 1n || y === PRIME - 1n))) return false;
  }
  try {
    const spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), key]);
    return verifySignature(null, message, createPublicKey({ key: spki, format: "der", type: "spki" }), signature);
  } catch {
    return false;
  }
}

function base64(text) {
  const found = Buffer.from(text, "base64");
  ensure(found.toString("base64") === text, "base64");
  return found;
}

function parseKey(text) {
  const first = text.indexOf("+");
  const second = text.indexOf("+", first + 1);
  ensure(first > 0 && second > 0, "key");
  const name = text.slice(0, first);
  const raw = base64(text.slice(second + 1));
  ensure(!/[\p{White_Space}\p{Cc}]/u.test(name), "name of a key");
  ensure(raw.length === 33 && raw[0] === 1, "key");
  ensure(sha256(name, "\n", raw).subarray(0, 4).toString("hex") === text.slice(first + 1, second), "key hash");
  return { name, public: raw.subarray(1) };
}

function parseNote(text) {
  // eslint-disable-next-line no-control-regex
  ensure(!/[\x00-\x09\x0b-\x1f]/.test(text) && text.endsWith("\n"), "note");
  const gap = text.lastIndexOf("\n\n");
  ensure(gap > 0, "note");
  const lines = text.slice(gap + 2).split("\n").slice(0, -1);
  ensure(lines.length > 0, "note");
  const signatures = lines.map((line) => {
    const parts = line.split(" ");
    ensure(parts.length === 3 && parts[0] === "—" && parts[1] !== "", "signature line");
    const blob = base64(parts[2]);
    ensure(blob.length > 4, "signature line");
    return { name: parts[1], blob };
  });
  return { text: text.slice(0, gap + 1), signatures };
}

function parseCheckpoint(text) {
  const lines = text.split("\n");
  ensure(lines.pop() === "" && lines.length >= 3 && lines.every((line) => line !== ""), "checkpoint");
  ensure(isDigits(lines[1]) && BigInt(lines[1]) < 2n ** 64n, "checkpoint size");
  return { origin: lines[0], size: BigInt(lines[1]), root: base64(lines[2]) };
}

function signedBy(text, signature, key, kind = 1) {
  const mark = sha256(key.name, "\n", Buffer.from([kind]), key.public).subarray(0, 4);
  if (signature.name !== key.name || !signature.blob.subarray(0, 4).equals(mark)) return false;
  if (kind === 1) return ed25519(key.public, bytesOf(text), signature.blob.subarray(4));
  if (signature.blob.length !== 76) return false;
  const time = signature.blob.readBigUInt64BE(4);
  return ed25519(key.public, bytesOf(`cosignature/v1\ntime ${time}\n${text}`), signature.blob.subarray(12));
}

class Stream {
  constructor(seed, label) {
    [this.seed, this.label, this.attempt] = [seed, label, 0n];
  }

  below(bound) {
    const bits = (BigInt(bound) - 1n).toString(2).length * (bound > 1 ? 1 : 0);
    const size = Math.ceil(bits / 8);
    for (;;) {
      const blocks = [];
      for (let block = 0; block * 32 < size; block += 1) {
        const place = Buffer.alloc(4);
        place.writeUInt32BE(block);
        const message = Buffer.concat([bytesOf(this.label), Buffer.from([0]), uint64(this.attempt), place]);
        blocks.push(createHmac("sha256", this.seed).update(message).digest());
      }
      this.attempt += 1n;
      const raw = Buffer.concat(blocks).subarray(0, size);
      const number = (size ? BigInt(`0x${raw.toString("hex")}`) : 0n) >> BigInt(8 * size - bits);
      if (number < BigInt(bound)) return Number(number);
    }
  }
}

const gcd = (one, two) => (two === 0n ? (one < 0n ? -one : one) : gcd(two, one % two));
const largest = (one, two) => (one > two ? one : two);

// The checks of section 10 ----------------------------------------------------------------------------------

const CHECKS = {
  files(b) {
    for (const name of [...FILES, "manifest.txt"]) {
      ensure(lstatSync(join(b.folder, name)).isFile(), name);
      b.data[name] = readFileSync(join(b.folder, name));
    }
    try {
      lstatSync(join(b.folder, "rows.json"));
      b.hasRows = true;
    } catch {
      b.hasRows = false;
    }
    if (b.hasRows) {
      ensure(lstatSync(join(b.folder, "rows.json")).isFile(), "rows.json");
      b.data["rows.json"] = readFileSync(join(b.folder, "rows.json"));
    }
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    b.checkpoint = parseNote(decoder.decode(b.data["checkpoint.txt"]));
    b.manifest = parseNote(decoder.decode(b.data["manifest.txt"]));
    b.head = parseCheckpoint(b.checkpoint.text);
    ensure(b.head.root.length === 32, "root");
  },

  canonical(b) {
    for (const [name, data] of Object.entries(b.data)) {
      if (name.endsWith(".json")) b.json[name.slice(0, -5)] = parse(data);
    }
  },

  draw(b) {
    const draw = b.json.draw;
    ensure(DRAW(draw), "form");
    const row = draw.publication === "open"
      ? record({ id: isText, traits: listOf(isText) }) : record({ id: isText, row: isHash });
    ensure(draw.pool.every(row), "pool");
    b.ids = draw.pool.map((one) => one.id);
    ensure(strictly(b.ids, compareTexts), "order of the pool");
    ensure(Math.min(draw.draw, draw.size, draw.tickets, draw.threshold) >= 1, "bounds");
    ensure(draw.alternates <= draw.pool.length - draw.size, "alternates");
    ensure(canonical(draw.counts.map((one) => one.length)) === canonical(draw.quotas.map((one) => one.cells.length)), "counts");
    const categories = draw.quotas.map((one) => one.category);
    ensure(new Set(categories).size === categories.length, "categories");
    for (const { cells } of draw.quotas) {
      ensure(new Set(cells.map((cell) => cell.value)).size === cells.length, "values");
      ensure(cells.every((cell) => cell.min <= cell.max), "quotas");
    }
    for (const { options } of draw.solver) {
      ensure(Object.values(options).every((one) => isText(one) || Number.isSafeInteger(one)), "options");
    }
    b.logKey = parseKey(draw.log);
    b.keys = new Map();
    for (const { name, key } of draw.guarantors) {
      const found = parseKey(key);
      ensure(found.name === name, "guarantor");
      b.keys.set(name, found);
    }
    const names = draw.guarantors.map((one) => one.name);
    ensure(strictly(names, compareTexts), "order of guarantors");
    const keys = [...b.keys.values()].map((key) => key.public.toString("hex"));
    ensure(new Set(keys).size === names.length && draw.threshold <= names.length, "guarantors");
    const { cosign, reveal, beacon: end } = draw.deadlines;
    ensure(cosign < reveal && reveal < end, "deadlines");
    const source = draw.beacon;
    if (source.kind === "drand") {
      ensure(isWhole(source.round) && source.round >= 1, "round");
      ensure(canonical(source) === canonical({ ...QUICKNET, round: source.round }), "quicknet");
      const late = BigInt(source.genesis) + BigInt(source.round - 1) * BigInt(source.period);
      ensure(BigInt(Date.parse(end)) === late * 1000n, "beacon's deadline");
    } else {
      ensure(SOURCE(source), "beacon");
      ensure(source.kind === "lottery" || draw.tickets === 1000, "tickets of balls");
      ensure(source.witnesses >= 2 && source.witnesses <= names.length && source.groups.length > 0, "witnesses");
      ensure(source.groups.every((one) => one.count >= 1 && one.count <= one.most - one.least + 1), "groups");
    }
    b.commit = tagged("asm-draw-1/commit", b.data["draw.json"]);
  },

  pool(b) {
    const draw = b.json.draw;
    if (draw.publication === "sealed") {
      if (!b.hasRows) return;
      ensure(record({ rows: listOf(record({ id: isText, salt: isHash, traits: listOf(isText) })) })(b.json.rows), "rows");
      const rows = b.json.rows.rows;
      ensure(canonical(rows.map((one) => one.id)) === canonical(b.ids), "ids");
      rows.forEach((one, place) => {
        const found = tagged("asm-draw-1/row", fromHex(one.salt), canonical(one.traits));
        ensure(found.toString("hex") === draw.pool[place].row, "row");
      });
      b.traits = rows.map((one) => one.traits);
    } else {
      b.traits = draw.pool.map((one) => one.traits);
    }
    for (const traits of b.traits) {
      ensure(traits.length === draw.quotas.length, "traits");
      traits.forEach((value, column) => {
        ensure(draw.quotas[column].cells.some((cell) => cell.value === value), "trait");
      });
    }
    ensure(canonical(countsOf(draw, b.traits)) === canonical(draw.counts), "counts");
  },

  lottery(b) {
    const { draw, lottery } = b.json;
    ensure(LOTTERY(lottery) && lottery.commit === b.commit.toString("hex"), "form");
    const people = b.ids.length;
    const marks = lottery.panels.map(({ tickets, members }) => {
      ensure(tickets >= 1 && members.length === draw.size, "panel");
      ensure(strictly(members, (one, two) => one - two) && members.at(-1) < people, "members");
      return sha256(b.commit, canonical(members.map((member) => b.ids[member])));
    });
    ensure(strictly(marks, Buffer.compare), "order of panels");
    const cells = draw.quotas.flatMap((one) => one.cells);
    ensure(lottery.certificate.quotas.length === cells.length, "certificate");
    ensure(lottery.certificate.weights.length === people && lottery.chances.people.length === people, "people");
  },

  quotas(b) {
    if (!b.traits) return;
    const { draw, lottery } = b.json;
    for (const { members } of lottery.panels) {
      const counts = countsOf(draw, members.map((member) => b.traits[member]));
      draw.quotas.forEach(({ cells }, column) => cells.forEach((cell, place) => {
        ensure(cell.min <= counts[column][place] && counts[column][place] <= cell.max, "panel");
      }));
    }
  },

  tickets(b) {
    const sum = b.json.lottery.panels.reduce((total, panel) => total + BigInt(panel.tickets), 0n);
    ensure(sum === BigInt(b.json.draw.tickets), "sum");
  },

  chances(b) {
    const { draw, lottery } = b.json;
    const fractions = lottery.chances.fractions.map((one) => one.map(BigInt));
    for (const [above, under] of fractions) ensure(under >= 1n && above <= under && gcd(above, under) === 1n, "fraction");
    fractions.slice(1).forEach(([above, under], place) => {
      ensure(fractions[place][0] * under < above * fractions[place][1], "order of fractions");
    });
    const used = new Set(lottery.chances.people);
    ensure(used.size === fractions.length && [...used].every((one) => one < fractions.length), "used");
    const held = b.ids.map(() => 0n);
    for (const { tickets, members } of lottery.panels) {
      for (const member of members) held[member] += BigInt(tickets);
    }
    b.chance = lottery.chances.people.map((one) => fractions[one]);
    b.out = b.chance.flatMap(([above], place) => (above === 0n ? [place] : []));
    ensure(canonical(b.out) === canonical(lottery.excluded) && b.out.every((place) => held[place] === 0n), "excluded");
    let rounding = 0n;
    b.chance.forEach(([above, under], place) => {
      const gap = held[place] * under - BigInt(draw.tickets) * above;
      rounding = largest(rounding, ((gap < 0n ? -gap : gap) + under - 1n) / under);
    });
    ensure(rounding === BigInt(lottery.rounding), "rounding");
    b.minimum = fractions.find(([above]) => above > 0n).map(String);
  },

  certificate(b) {
    if (!b.traits) return;
    const { draw, lottery: { certificate } } = b.json;
    const [scale, perSize] = [BigInt(certificate.denominator), BigInt(certificate.size)];
    const weights = certificate.weights.map(BigInt);
    ensure(scale >= 1n && weights.reduce((one, two) => one + two, 0n) === scale, "denominator");
    ensure(b.out.every((place) => weights[place] === 0n), "excluded");
    let value = BigInt(draw.size) * perSize;
    const gaps = new Map();
    let cellPlace = 0;
    draw.quotas.forEach(({ cells }, column) => cells.forEach((cell) => {
      const [above, under] = certificate.quotas[cellPlace].map(BigInt);
      value += BigInt(cell.max) * above - BigInt(cell.min) * under;
      gaps.set(canonical([column, cell.value]), above - under);
      cellPlace += 1;
    }));
    weights.forEach((weight, person) => {
      const own = b.traits[person].reduce((sum, one, column) => sum + gaps.get(canonical([column, one])), 0n);
      value += largest(0n, weight - perSize - own);
    });
    const common = gcd(value, scale);
    const bound = canonical([String(value / common), String(scale / common)]);
    ensure(canonical(certificate.bound) === bound && canonical(certificate.minimum) === canonical(b.minimum), "bound");
    ensure(certificate.proved === (bound === canonical(b.minimum)), "proved");
  },

  signatures(b) {
    const shape = record({ notes: listOf(record({ guarantor: isText, note: isText })) });
    ensure(shape(b.json.signatures), "form");
    const notes = b.json.signatures.notes;
    ensure(strictly(notes.map((one) => one.guarantor), compareTexts), "order");
    ensure(notes.length >= b.json.draw.threshold, "threshold");
    b.lotteryHash = sha256(b.data["lottery.json"]);
    b.promised = new Map();
    for (const { guarantor, note: written } of notes) {
      const key = b.keys.get(guarantor);
      const note = parseNote(written);
      ensure(key && note.signatures.length === 1 && signedBy(note.text, note.signatures[0], key), "signature");
      const lines = note.text.split("\n");
      const secret = (lines[4] ?? "").replace(/^secret /, "");
      const expected = `asm-draw-1/cosign\ndraw ${b.json.draw.draw}\ncommit ${b.commit.toString("hex")}\n`
        + `lottery ${b.lotteryHash.toString("hex")}\nsecret ${secret}\n`;
      ensure(isHash(secret) && note.text === expected, "text");
      b.promised.set(guarantor, secret);
    }
  },

  reveals(b) {
    const shape = record({ reveals: listOf(record({ guarantor: isText, secret: isHash })) });
    ensure(shape(b.json.reveals), "form");
    b.reveals = b.json.reveals.reveals;
    ensure(strictly(b.reveals.map((one) => one.guarantor), compareTexts), "order");
    for (const { guarantor, secret } of b.reveals) {
      const found = tagged("asm-draw-1/guarantor", guarantor, b.commit, fromHex(secret)).toString("hex");
      ensure(b.promised.get(guarantor) === found, "secret");
    }
  },

  beacon(b) {
    const { draw: { beacon: source }, beacon } = b.json;
    if (source.kind === "drand") {
      ensure(ROUND(beacon) && beacon.round === source.round, "round");
      b.random = sha256(fromHex(beacon.signature));
      return;
    }
    ensure(NUMBERS(beacon) && beacon.kind === source.kind && beacon.numbers.length === source.groups.length, "form");
    beacon.numbers.forEach((row, place) => {
      const group = source.groups[place];
      ensure(row.length === group.count && strictly(row, (one, two) => one - two), "numbers");
      ensure(row[0] >= group.least && row.at(-1) <= group.most, "bounds");
    });
    ensure(strictly(beacon.witnesses, compareTexts) && beacon.witnesses.every((name) => b.keys.has(name)), "witnesses");
    ensure(beacon.witnesses.length >= source.witnesses, "witnesses");
    b.random = tagged("asm-draw-1/beacon", canonical(beacon.numbers));
  },

  choice(b) {
    const { draw, lottery, result } = b.json;
    ensure(RESULT(result), "form");
    const secrets = b.reveals.flatMap(({ guarantor, secret }) => [guarantor, fromHex(secret)]);
    b.seed = tagged("asm-draw-1/seed", b.commit, b.lotteryHash, ...secrets, b.random);
    const ticket = new Stream(b.seed, "panel").below(draw.tickets);
    ensure(result.seed === b.seed.toString("hex") && result.ticket === ticket, "seed");
    let [panel, end] = [0, lottery.panels[0].tickets];
    while (ticket >= end) {
      panel += 1;
      end += lottery.panels[panel].tickets;
    }
    b.drawn = lottery.panels[panel].members;
    ensure(result.panel === panel, "panel");
    ensure(canonical(result.members) === canonical(b.drawn.map((member) => b.ids[member])), "members");
    ensure(canonical(result.counts.map((one) => one.length)) === canonical(draw.counts.map((one) => one.length)), "counts");
    if (b.traits) {
      const counts = countsOf(draw, b.drawn.map((member) => b.traits[member]));
      ensure(canonical(result.counts) === canonical(counts), "counts");
    }
  },

  alternates(b) {
    const { draw, result } = b.json;
    const away = new Set([...b.drawn, ...b.out]);
    const left = b.ids.map((_, place) => place).filter((place) => !away.has(place));
    const wanted = Math.min(draw.alternates, left.length);
    if (!b.traits) {
      const names = new Set(left.map((place) => b.ids[place]));
      ensure(result.alternates.length === wanted && new Set(result.alternates).size === wanted, "number");
      ensure(result.alternates.every((name) => names.has(name)), "names");
      return;
    }
    const stream = new Stream(b.seed, "alternates");
    const order = [];
    while (left.length) order.push(left.splice(stream.below(left.length), 1)[0]);
    const held = new Map();
    let count = 0;
    const taken = order.filter((person) => {
      if (count >= wanted) return false;
      const cells = b.traits[person].map((value, column) => {
        const cell = draw.quotas[column].cells.find((one) => one.value === value);
        const room = (BigInt(cell.max) * BigInt(draw.alternates) + BigInt(draw.size) - 1n) / BigInt(draw.size);
        return [canonical([column, value]), room];
      });
      if (cells.some(([name, room]) => BigInt(held.get(name) ?? 0) >= room)) return false;
      for (const [name] of cells) held.set(name, (held.get(name) ?? 0) + 1);
      count += 1;
      return true;
    });
    const rest = order.filter((person) => !taken.includes(person));
    const expected = [...taken, ...rest].slice(0, wanted).map((person) => b.ids[person]);
    ensure(canonical(result.alternates) === canonical(expected), "alternates");
  },

  log(b) {
    const { draw, log, beacon, result } = b.json;
    const shape = record({ leaves: listOf(record({ position: isWhole, body: isText, proof: listOf(isHash) })) });
    ensure(shape(log), "form");
    const { cosign, reveal, beacon: end } = draw.deadlines;
    const poolRoot = treeRoot(draw.pool.map((one) => leafHash(canonical(one)))).toString("hex");
    const lottery = b.lotteryHash.toString("hex");
    const ordered = ["draw-frozen", "lottery-published", "draw-beacon", "draw-held"];
    const facts = {
      "draw-frozen": { commit: b.commit.toString("hex"), pool_root: poolRoot },
      "lottery-published": { lottery },
      "draw-beacon": { beacon: b.random.toString("hex") },
      "draw-held": {
        lottery, seed: result.seed, ticket: result.ticket, result: sha256(b.data["result.json"]).toString("hex"),
      },
    };
    const notes = new Map(b.json.signatures.notes.map((one) => [one.guarantor, sha256(one.note).toString("hex")]));
    const secrets = new Map(b.reveals.map((one) => [one.guarantor, one.secret]));
    const [cosigned, revealed, typed] = [new Set(), new Set(), new Map()];
    const tallies = new Map();
    let [previous, at, done, agreed] = [null, "", 0, null];
    log.leaves.forEach((leaf, place) => {
      ensure(previous === null || leaf.position > previous, "positions");
      ensure(proves(leafHash(leaf.body), BigInt(leaf.position), b.head.size, leaf.proof.map(fromHex), b.head.root), "proof");
      const entry = parse(bytesOf(leaf.body));
      ensure(LEAF(entry) && entry.at >= at, "leaf");
      const { data, event } = entry;
      ensure(data.draw === draw.draw && data.previous === previous, "chain");
      ensure((place === 0) === (event === "draw-frozen") && done < 4, "first and last");
      ensure(event !== "draw-cancelled" && event !== "draw-lapsed", "given up");
      [previous, at] = [leaf.position, entry.at];
      if (ordered.includes(event)) {
        ensure(ordered[done] === event, "order of events");
        for (const [name, value] of Object.entries(facts[event])) ensure(data[name] === value, name);
        if (event === "draw-beacon") ensure(at >= end, "too early");
        done += 1;
      } else if (["draw-cosigned", "draw-revealed", "beacon-typed"].includes(event)) {
        ensure(done === 2 && b.keys.has(data.guarantor), "place of an event");
        if (event === "draw-cosigned") {
          ensure(at <= cosign && !cosigned.has(data.guarantor), "cosigned");
          ensure(notes.get(data.guarantor) === data.note && data.note !== undefined, "note");
          cosigned.add(data.guarantor);
        } else if (event === "draw-revealed") {
          ensure(at > cosign && at <= reveal && cosigned.has(data.guarantor), "revealed");
          ensure(!revealed.has(data.guarantor) && secrets.get(data.guarantor) === data.secret, "secret");
          ensure(data.secret !== undefined, "secret");
          revealed.add(data.guarantor);
        } else {
          ensure(draw.beacon.kind !== "drand" && at >= end && !typed.has(data.guarantor), "typed");
          const numbers = canonical(data.numbers ?? null);
          typed.set(data.guarantor, numbers);
          tallies.set(numbers, (tallies.get(numbers) ?? 0) + 1);
          if (agreed === null && tallies.get(numbers) === draw.beacon.witnesses) agreed = numbers;
        }
      }
    });
    ensure(done === 4 && cosigned.size === notes.size && revealed.size === secrets.size, "all leaves");
    if (draw.beacon.kind !== "drand") {
      ensure(agreed === canonical(beacon.numbers), "numbers");
      const names = [...typed].filter(([, numbers]) => numbers === agreed).map(([name]) => name).sort(compareTexts);
      ensure(canonical(names) === canonical(beacon.witnesses), "witnesses");
    }
  },

  checkpoint(b) {
    const { text, signatures: [first, ...others] } = b.checkpoint;
    ensure(b.head.origin === b.logKey.name && signedBy(text, first, b.logKey), "journal");
    ensure(new Set(others.map((one) => one.name)).size === others.length, "twice");
    for (const one of others) ensure(b.keys.has(one.name) && signedBy(text, one, b.keys.get(one.name), 4), "cosignature");
  },

  manifest(b) {
    const { text, signatures } = b.manifest;
    const lines = FILES.map((name) => `${sha256(b.data[name]).toString("hex")}  ${name}\n`);
    ensure(text === `asm-draw-1/bundle\ndraw ${b.json.draw.draw}\n${lines.join("")}`, "lines");
    ensure(signatures.length === 1 && signedBy(text, signatures[0], b.logKey), "signature");
  },
};

function countsOf(draw, rows) {
  return draw.quotas.map(({ cells }, column) =>
    cells.map((cell) => rows.filter((traits) => traits[column] === cell.value).length));
}

function judge(folder) {
  const bundle = { folder, data: {}, json: {} };
  for (const [check, run] of Object.entries(CHECKS)) {
    try {
      run(bundle);
    } catch (error) {
      return { folder, verdict: false, check, reason: error instanceof Refusal ? error.message : String(error) };
    }
  }
  return { folder, verdict: true, check: null };
}

let refused = 0;
for (const folder of process.argv.slice(2)) {
  const found = judge(folder);
  refused ||= found.verdict ? 0 : 1;
  console.log(JSON.stringify(found));
}
process.exitCode = refused;
