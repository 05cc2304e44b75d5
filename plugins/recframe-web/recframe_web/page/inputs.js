/**
 * The model's inputs from items, as recframe.runtime.inputs and recframe.encoding make them in Python: ids by the
 * vocabulary, numbers by the statistics of training, 0 for what is not known.
 */

const TIME_SOURCES = ["time_since_previous", "hour", "weekday"];
const NEAR_ZERO = Math.fround(1e-6); // a scaled number that is exactly 0 would be taken for padding

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** zlib's crc32 of the text in UTF-8. */
export function crc32(text) {
  let value = 0xffffffff;
  for (const byte of new TextEncoder().encode(text)) value = CRC_TABLE[(value ^ byte) & 0xff] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

/** What makes inputs from data.json. */
export class InputMaker {
  constructor(data) {
    this.inputs = data.inputs;
    this.columns = { ...data.columns, labels: data.labels };
    const vocabularies = { ...data.vocabularies, labels: data.labels };
    this.zeros = {};
    this.ids = {};
    for (const [name, lines] of Object.entries(vocabularies)) {
      this.zeros[name] = lines[0];
      // Line 0 is padding and unknown, whatever its text; a value that occurs twice keeps its first id.
      this.ids[name] = new Map();
      lines.forEach((line, id) => {
        if (id > 0 && !this.ids[name].has(line)) this.ids[name].set(line, id);
      });
    }
  }

  /**
   * The inputs by name, flat, in the shapes of data.json.
   * @param {number[]} labels Label ids, oldest first.
   * @param {(number | null)[]} times Unix seconds of each, or null where it is not known.
   * @param {number} now Unix seconds of the moment of asking.
   */
  make(labels, times, now = Math.floor(Date.now() / 1000)) {
    return Object.fromEntries(this.inputs.map((input) => [input.name, this.#one(input, labels, times, now)]));
  }

  #one(input, labels, times, now) {
    const size = input.shape.reduce((product, length) => product * length, 1);
    const result = input.dtype === "int32" ? new Int32Array(size) : new Float32Array(size);
    if (input.scope === "now") return result.fill(this.#code(input, momentValue(input, times, now)));
    // The page knows nothing of the user, and gives no lists of ids.
    if (input.steps === null) return result;
    const first = Math.max(0, labels.length - input.steps);
    const timed = TIME_SOURCES.includes(input.source);
    const values = labels
      .map((label, event) => (timed ? timeValue(input.source, times, event) : this.#known(input, label)))
      .slice(first);
    const pooled = input.values === "pooled";
    const length = pooled ? input.shape.at(-1) : size;
    const codes =
      input.values === "one"
        ? values.map((value) => [this.#code(input, value)])
        : values.map((value) => this.#several(input, value));
    (pooled ? codes : [codes.flat()]).forEach((cell, place) => result.set(cell.slice(0, length), place * length));
    return result;
  }

  /** The codes of a value that stands for several: a list, or a text of words. */
  #several(input, value) {
    if (value === null) return [];
    return input.statistics.split_at ? this.#words(input, value) : value.map((one) => this.#code(input, one));
  }

  /** The ids of the words of a text, which stand between the characters of `split_at`. */
  #words(input, text) {
    const separators = new Set(input.statistics.split_at.map((point) => String.fromCodePoint(point)));
    const words = [""];
    for (const letter of String(text)) {
      if (separators.has(letter)) words.push("");
      else words[words.length - 1] += letter;
    }
    return words.map((word) => (word ? this.#code(input, word) : 0)).filter((code) => code !== 0);
  }

  #known(input, label) {
    return input.column === null ? null : (this.columns[input.column][label] ?? null);
  }

  #code(input, value) {
    const statistics = input.statistics;
    if (value === null) return 0;
    if (statistics.edges) return bucket(finite(input, value), statistics.edges);
    if (!input.vocabulary) return scaled(finite(input, value), statistics);
    const text = String(value);
    const id = this.ids[input.vocabulary].get(text) ?? 0;
    const outside = !id && text !== "" && text !== this.zeros[input.vocabulary];
    const hashed = outside || id >= (statistics.hash_from ?? Infinity);
    return hashed && statistics.hash_buckets ? statistics.hash_from + (crc32(text) % statistics.hash_buckets) : id;
  }
}

function finite(input, value) {
  // A truth value is 1 or 0, also as text, and a text that is empty is 0.
  const truth = { true: 1, false: 0 }[String(value).toLowerCase()];
  const number = truth ?? Number(value);
  if (!Number.isFinite(number)) throw new Error(`input ${input.name}: ${value} is not a finite number`);
  return number;
}

/** The bucket of a number, from 1: edges rise, and one that equals the number is not below it. */
function bucket(number, edges) {
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle] < number) low = middle + 1;
    else high = middle;
  }
  return 1 + low;
}

function scaled(number, statistics) {
  if (statistics.mean === undefined) return number;
  const value = statistics.log ? Math.sign(number) * Math.log1p(Math.abs(number)) : number;
  return Math.fround((value - statistics.mean) / statistics.deviation) || NEAR_ZERO;
}

/** One of TIME_SOURCES in UTC; null where the time is not known. */
function timeValue(source, times, event) {
  const time = times[event];
  if (time === null) return null;
  if (source === "hour") return Math.floor(time / 3600) % 24;
  if (source === "weekday") return (Math.floor(time / 86400) + 3) % 7; // 0 is Monday; 1970 began on a Thursday
  if (event === 0) return 0;
  return times[event - 1] === null ? null : time - times[event - 1];
}

/** One of TIME_SOURCES for the moment of asking; the input's default where the time of the last event is not known. */
function momentValue(input, times, now) {
  if (input.source !== "time_since_previous") return timeValue(input.source, [now], 0);
  const last = times.at(-1) ?? null;
  return last === null ? input.default : Math.max(now - last, 0);
}
