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

export class Model {
  #compiled;
  #inputs;

  constructor(compiled, inputs) {
    this.#compiled = compiled;
    this.#inputs = inputs;
  }

  /** @param {object[]} inputs Of data.json. */
  static async compile(model, wasm, inputs) {
    // LiteRT's loader takes these bytes instead of fetching them again. It calls remarks errors: they are for debugging.
    const printErr = (line) => (/^(INFO|WARNING): /.test(line) ? console.debug(line) : console.error(line));
    self.Module = { wasmBinary: wasm, printErr };
    await loadLiteRt("litert/");
    const made = new Model(await loadAndCompile(model, { accelerator: "wasm" }), inputs);
    await made.#warmUp();
    return made;
  }

  /** The first runs, in which the browser compiles what it has not yet, take a hundred times as long as the others. */
  async #warmUp() {
    const zeros = ({ dtype, shape }) =>
      new (dtype === "int32" ? Int32Array : Float32Array)(shape.reduce((size, length) => size * length, 1));
    const values = Object.fromEntries(this.#inputs.map((input) => [input.name, zeros(input)]));
    for (let run = 0; run < 5; run++) await this.run(values);
  }

  /** The answer to typed arrays by name: ids, scores, best first, and how long the model took. */
  async run(values) {
    const tensors = Object.fromEntries(
      this.#inputs.map(({ name, shape }) => [name, new Tensor(values[name], shape)]),
    );
    const start = performance.now();
    let outputs;
    try {
      outputs = await this.#compiled.run("serving_default", tensors);
    } finally {
      // LiteRT's memory is not JavaScript's: nobody else frees it.
      Object.values(tensors).forEach((tensor) => tensor.delete());
    }
    const milliseconds = performance.now() - start;
    const ids = [...outputs.top_prediction_ids.toTypedArray()];
    const scores = [...outputs.top_prediction_scores.toTypedArray()];
    Object.values(outputs).forEach((tensor) => tensor.delete());
    return { ids, scores, milliseconds };
  }
}
