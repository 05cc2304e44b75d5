/** The page: a history, and the model's recommendations after it. */

import { byId, element } from "./elements.js";
import { InputMaker } from "./inputs.js";
import { Items } from "./items.js";
import { Model, fetchAll, runtimeName } from "./model.js";
import { showRecommendations } from "./recommendations.js";
import { SearchBox } from "./search_box.js";
import { megabytes, sizeText, timeText } from "./units.js";

class Page {
  #asked = 0;
  #example = 0;
  /** {label, time}, oldest first. */
  #history = [];

  constructor(data, model, modelBytes) {
    this.data = data;
    this.model = model;
    this.items = new Items(data);
    this.inputs = new InputMaker(data);
    this.search = new SearchBox(this.items, () => this.#labels(), (label) => this.#add(label));
    byId("size").textContent = sizeText(modelBytes);
    byId("items").textContent = this.items.labels.length.toLocaleString("en");
    byId("example").addEventListener("click", () => this.#tryExample());
    byId("clear").addEventListener("click", () => {
      this.#history = [];
      this.#show();
      this.search.focus();
    });
  }

  async start() {
    await this.#show();
    await this.#check();
  }

  #labels() {
    return this.#history.map(({ label }) => label);
  }

  #add(label) {
    this.#history.push({ label, time: Math.floor(Date.now() / 1000) });
    this.#show();
  }

  #tryExample() {
    const labels = this.data.examples[this.#example++ % this.data.examples.length];
    this.#history = labels.map((label) => ({ label, time: null }));
    this.#show();
  }

  #remove(place) {
    this.#history.splice(place, 1);
    this.#show();
    const chips = byId("history").querySelectorAll("button");
    // The list shows the latest first.
    (chips[Math.min(this.#history.length - place, chips.length - 1)] ?? this.search).focus();
  }

  #showHistory() {
    const read = Math.max(...this.inputs.inputs.map(({ steps }) => steps ?? 0));
    const chips = this.#history.map(({ label }, place) => {
      const title = this.items.title(label);
      const chip = element("button", { type: "button", "aria-label": `Remove ${title}` }, title);
      chip.append(element("span", { "aria-hidden": "true" }, "×"));
      chip.addEventListener("click", () => this.#remove(place));
      return element("li", place < this.#history.length - read ? { class: "unread" } : {}, chip);
    });
    byId("history").replaceChildren(...chips.reverse());
    byId("history-empty").hidden = this.#history.length > 0;
    byId("clear").hidden = this.#history.length === 0;
    // An example would replace what the user chose.
    byId("example").hidden = this.#history.length > 0 || this.data.examples.length === 0;
    byId("history-older").hidden = this.#history.length <= read;
    byId("history-older").textContent = `The model reads the latest ${read}.`;
  }

  /** Show the history, ask the model, and show its answer. */
  async #show() {
    this.#showHistory();
    const asked = ++this.#asked;
    const labels = this.#labels();
    const times = this.#history.map(({ time }) => time);
    try {
      const answer = await this.model.recommend(this.inputs.make(labels, times), labels);
      if (asked === this.#asked) this.#showAnswer(answer);
    } catch (error) {
      fail(error);
    }
  }

  #showAnswer({ ids, scores, milliseconds }) {
    // Id 0 fills the answer up where too few items are left.
    const best = ids.map((label, place) => ({ label, score: scores[place] })).filter(({ label }) => label > 0);
    showRecommendations(best, this.items, (label) => this.#add(label));
    const count = this.#history.length;
    byId("list-heading").textContent = count ? "Recommended next" : "Popular to start with";
    const after = count === 0 ? "" : ` after ${count} ${count === 1 ? "choice" : "choices"}`;
    byId("status").textContent = `${best.length} titles${after}`;
    byId("milliseconds").textContent = timeText(milliseconds);
  }

  /** Compare the model's answers with those that Python got from it when the page was written. */
  async #check() {
    let same = 0;
    for (const { inputs, ids } of this.data.golden) {
      const typed = this.data.inputs.map(({ name, dtype }) => [
        name,
        dtype === "int32" ? Int32Array.from(inputs[name]) : Float32Array.from(inputs[name]),
      ]);
      const answer = await this.model.run(Object.fromEntries(typed));
      same += Number(answer.ids.join() === ids.join());
    }
    const all = this.data.golden.length;
    byId("self-check").textContent = `${same} of ${all} test histories answered as in Python`;
    byId("self-check").classList.toggle("bad", same < all);
  }
}

function fail(error) {
  console.error(error);
  byId("loading").hidden = byId("main").hidden = byId("facts").hidden = true;
  byId("failure").hidden = false;
  byId("failure-text").textContent = `${error.message || error}`;
}

async function keepForOffline() {
  const place = byId("offline");
  if (!("serviceWorker" in navigator)) {
    place.textContent = "needs https";
    return;
  }
  try {
    await navigator.serviceWorker.register(`worker.js?runtime=${await runtimeName()}`);
    await navigator.serviceWorker.ready;
    place.textContent = "ready";
  } catch {
    place.textContent = "not allowed here"; // private windows, and hosts that serve the file as something else
  }
}

async function start() {
  byId("as-file").hidden = true;
  byId("retry").addEventListener("click", () => location.reload());
  try {
    if (typeof WebAssembly !== "object") throw new Error("This browser has no WebAssembly, which the model needs.");
    const { data, model, wasm } = await fetchAll((done, total) => {
      byId("progress").value = total ? done / total : 0;
      byId("progress-text").textContent = `Loading the model and what runs it: ${megabytes(done)} of ${megabytes(total)} MB`;
    });
    byId("progress-text").textContent = "Starting the model";
    const bytes = model.length;
    const page = new Page(data, await Model.compile(model, wasm, data), bytes);
    byId("loading").hidden = true;
    byId("main").hidden = byId("facts").hidden = false;
    await page.start();
  } catch (error) {
    fail(error);
    return;
  }
  await keepForOffline();
}

start();
