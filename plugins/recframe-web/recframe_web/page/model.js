/** LiteRT.js, the model and the data, fetched with progress; and the model's answers. */

import { Tensor, loadAndCompile, loadLiteRt, supportsFeature } from "./litert/litert.js";

/** Which build of LiteRT this browser runs. The one with threads would ask the host for two headers. */
export async function runtimeName() {
  return (await supportsFeature("relaxedSimd")) ? "litert_wasm_internal" : "litert_wasm_compat_internal";
}

async function answer(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: the server answers ${response.status}`);
  return response;
}

/** A file's bytes; `hear` is told how many have come. */
async function bytesOf(path, hear) {
  const reader = (await answer(path)).body.getReader();
  const parts = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    size += value.length;
    hear(value.length);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/**
 * Fetch everything at once.
 * @param {(done: number, total: number) => void} report Told the bytes that have come, and of how many.
 */
export async function fetchAll(report) {
  const sizes = await (await answer("files.json")).json();
  const paths = ["data.json", "model.tflite", `litert/${await runtimeName()}.wasm`];
  const total = paths.reduce((sum, path) => sum + (sizes[path] ?? 0), 0);
  let done = 0;
  const hear = (count) => report((done += count), total);
  const [data, model, wasm] = await Promise.all(paths.map((path) => bytesOf(path, hear)));
  return { data: JSON.parse(new TextDecoder().decode(data)), model, wasm };
}

const NEVER = -1e30; // the score of what must not be recommended, as of ids without an item

/** The places of the `count` highest scores, highest first, equal ones by rising place. */
export function bestPlaces(scores, count) {
  const places = [...scores.keys()].filter((place) => scores[place] > NEVER / 2);
  return places.sort((one, other) => scores[other] - scores[one] || one - other).slice(0, count);
}

export class Model {
  #compiled;
  #data;

  constructor(compiled, data) {
    this.#compiled = compiled;
    this.#data = data;
  }

  /** @param {object} data Of data.json. */
  static async compile(model, wasm, data) {
    // LiteRT's loader takes these bytes instead of fetching them again. It calls remarks errors: they are for debugging.
    const printErr = (line) => (/^(INFO|WARNING): /.test(line) ? console.debug(line) : console.error(line));
    self.Module = { wasmBinary: wasm, printErr };
    await loadLiteRt("litert/");
    const made = new Model(await loadAndCompile(model, { accelerator: "wasm" }), data);
    await made.#warmUp();
    return made;
  }

  /** The first runs, in which the browser compiles what it has not yet, take a hundred times as long as the others. */
  async #warmUp() {
    const zeros = ({ dtype, shape }) =>
      new (dtype === "int32" ? Int32Array : Float32Array)(shape.reduce((size, length) => size * length, 1));
    const values = Object.fromEntries(this.#data.inputs.map((input) => [input.name, zeros(input)]));
    for (let run = 0; run < 5; run++) await this.run(values);
  }

  /**
   * What comes after a history: ids, scores, best first, and how long the model took.
   * @param {object} values Typed arrays by name.
   * @param {number[]} labels Label ids of the whole history, oldest first, of which none is recommended where the export
   *   says so. The model leaves out the latest by itself; for older ones all scores are ranked here.
   */
  async recommend(values, labels) {
    const { exclude_seen, excluded_events, scored, sigmoid, predictions } = this.#data;
    const older = new Set(exclude_seen ? labels.slice(0, Math.max(0, labels.length - excluded_events)) : []);
    if (older.size && scored) {
      const { outputs, milliseconds } = await this.#ask("scores", values);
      labels.forEach((label) => (outputs.scores[label] = NEVER));
      const ids = bestPlaces(outputs.scores, predictions);
      const shown = ids.map((label) => outputs.scores[label]);
      return { ids, scores: sigmoid ? shown.map((score) => 1 / (1 + Math.exp(-score))) : shown, milliseconds };
    }
    const { ids, scores, milliseconds } = await this.run(values);
    const kept = [...ids.keys()].filter((place) => !older.has(ids[place]));
    return { ids: kept.map((place) => ids[place]), scores: kept.map((place) => scores[place]), milliseconds };
  }

  /** The model's own answer to typed arrays by name. */
  async run(values) {
    const { outputs, milliseconds } = await this.#ask("serving_default", values);
    return { ids: [...outputs.top_prediction_ids], scores: [...outputs.top_prediction_scores], milliseconds };
  }

  /** The outputs of a signature, and how long it took. The signature `scores` takes the features alone. */
  async #ask(signature, values) {
    const taken = this.#data.inputs.filter(({ lists }) => signature !== "scores" || !lists);
    const tensors = Object.fromEntries(taken.map(({ name, shape }) => [name, new Tensor(values[name], shape)]));
    const start = performance.now();
    let answer;
    try {
      answer = await this.#compiled.run(signature, tensors);
    } finally {
      // LiteRT's memory is not JavaScript's: nobody else frees it.
      Object.values(tensors).forEach((tensor) => tensor.delete());
    }
    const milliseconds = performance.now() - start;
    const outputs = Object.fromEntries(
      Object.entries(answer).map(([name, tensor]) => [name, tensor.toTypedArray().slice()]),
    );
    Object.values(answer).forEach((tensor) => tensor.delete());
    return { outputs, milliseconds };
  }
}
