/** The page: search, history, recommendations. Nothing here knows how the model's inputs are made. */

import { InputMaker } from "./inputs.js";
import { Model, fetchAll, runtimeName } from "./model.js";
import { TitleSearch } from "./search.js";

const FOUND = 8; // titles shown below the search box, as many as a phone shows above its keyboard
const byId = (id) => document.getElementById(id);

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1);
}

function sizeText(bytes) {
  return bytes < 1e6 ? `${Math.round(bytes / 1e3).toLocaleString("en")} KB` : `${megabytes(bytes)} MB`;
}

function timeText(milliseconds) {
  // Browsers blur their clock to a tenth of a millisecond.
  return milliseconds < 0.1 ? "less than 0.1 ms" : `${milliseconds.toFixed(1)} ms`;
}

/** Items as people read them. */
class Items {
  constructor(data) {
    this.data = data;
    this.absent = new Set(data.absent);
    this.labels = data.labels.map((_, label) => label).filter((label) => !this.absent.has(label));
    this.withTitle = new Map(); // how many items have a title
    for (const label of this.labels) {
      this.withTitle.set(this.#own(label), (this.withTitle.get(this.#own(label)) ?? 0) + 1);
    }
  }

  #own(label) {
    return String(this.data.columns.title?.[label] || this.data.labels[label]);
  }

  /** The title, with the id behind it where another item has the same. */
  title(label) {
    const title = this.#own(label);
    return this.withTitle.get(title) > 1 ? `${title} (${this.data.labels[label]})` : title;
  }

  details(label) {
    const shown = this.data.fields.map((name) => this.data.columns[name]?.[label]).flat();
    return shown.filter((value) => value !== null && value !== undefined && value !== "").join(" · ");
  }
}

class Page {
  #asked = 0;
  #example = 0;
  /** {label, time}, oldest first. */
  #history = [];
  #found = [];
  #active = -1;

  constructor(data, model, modelBytes) {
    this.data = data;
    this.model = model;
    this.items = new Items(data);
    this.inputs = new InputMaker(data);
    this.search = new TitleSearch(this.items.labels.map((label) => ({ label, title: this.items.title(label) })));
    byId("size").textContent = sizeText(modelBytes);
    byId("items").textContent = this.items.labels.length.toLocaleString("en");
    this.#listen();
  }

  #listen() {
    const box = byId("search");
    box.addEventListener("input", () => this.#showFound());
    box.addEventListener("keydown", (event) => this.#searchKey(event));
    box.addEventListener("focus", () => this.#showFound());
    document.addEventListener("pointerdown", (event) => {
      if (!event.target.closest(".search")) this.#closeFound();
    });
    document.querySelector(".search").addEventListener("focusout", (event) => {
      if (!event.currentTarget.contains(event.relatedTarget)) this.#closeFound();
    });
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest("input, textarea, select, [contenteditable]");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      box.focus();
      box.select();
    });
    byId("example").addEventListener("click", () => this.#tryExample());
    byId("clear").addEventListener("click", () => {
      this.#history = [];
      this.#show();
      box.focus();
    });
  }

  // Search

  #showFound() {
    const query = byId("search").value;
    const left = new Set(this.#history.map(({ label }) => label));
    this.#found = this.search.find(query, FOUND, left);
    this.#active = this.#found.length ? 0 : -1;
    const options = this.#found.map((label, place) => {
      const option = element("li", { id: `found-${place}`, role: "option" }, element("span", {}, this.items.title(label)));
      const details = this.items.details(label);
      if (details) option.append(element("small", {}, details));
      // Before the box loses the focus, which closes the list.
      option.addEventListener("pointerdown", (event) => event.preventDefault());
      option.addEventListener("click", () => this.#choose(label));
      return option;
    });
    byId("found").replaceChildren(...options);
    byId("none-found").textContent = query.trim() && !options.length ? `No title matches “${query.trim()}”.` : "";
    this.#markActive();
  }

  #markActive() {
    const box = byId("search");
    const open = this.#found.length > 0;
    byId("found").hidden = !open;
    box.setAttribute("aria-expanded", String(open));
    [...byId("found").children].forEach((option, place) => {
      option.setAttribute("aria-selected", String(place === this.#active));
      if (place === this.#active) option.scrollIntoView({ block: "nearest" });
    });
    if (open) box.setAttribute("aria-activedescendant", `found-${this.#active}`);
    else box.removeAttribute("aria-activedescendant");
  }

  #closeFound() {
    this.#found = [];
    byId("none-found").textContent = "";
    this.#markActive();
  }

  #searchKey(event) {
    const count = this.#found.length;
    if (event.isComposing) return;
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count) {
      event.preventDefault();
      this.#active = (this.#active + (event.key === "ArrowDown" ? 1 : count - 1)) % count;
      this.#markActive();
    } else if (event.key === "ArrowDown") {
      this.#showFound();
    } else if (event.key === "Enter" && count) {
      event.preventDefault();
      this.#choose(this.#found[this.#active]);
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (count) this.#closeFound();
      else if (event.target.value) event.target.value = "";
      else event.target.blur();
      byId("none-found").textContent = "";
    }
  }

  #choose(label) {
    byId("search").value = "";
    this.#closeFound();
    this.#add(label);
  }

  // History

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
    (chips[Math.min(this.#history.length - place, chips.length - 1)] ?? byId("search")).focus();
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
    // It would take the place of what was chosen.
    byId("example").hidden = this.#history.length > 0 || this.data.examples.length === 0;
    byId("history-older").hidden = this.#history.length <= read;
    byId("history-older").textContent = `The model reads the latest ${read}.`;
  }

  // Recommendations

  /** Show the history, ask the model, and show its answer. */
  async #show() {
    this.#showHistory();
    const asked = ++this.#asked;
    const labels = this.#history.map(({ label }) => label);
    const times = this.#history.map(({ time }) => time);
    try {
      const answer = await this.model.recommend(this.inputs.make(labels, times), labels);
      if (asked === this.#asked) this.#showAnswer(answer);
    } catch (error) {
      fail(error);
    }
  }

  #showAnswer({ ids, scores, milliseconds }) {
    const list = byId("recommendations");
    const focused = [...list.querySelectorAll("button")].indexOf(document.activeElement);
    // Id 0 fills the answer up where too few items are left.
    const best = ids.map((label, place) => ({ label, score: scores[place] })).filter(({ label }) => label > 0);
    const top = best.length ? best[0].score : 0;
    const range = best.length ? top - best.at(-1).score : 0;
    const rows = best.map(({ label, score }) => {
      const bar = element("span", { class: "bar", "aria-hidden": "true" }, element("span"));
      // The last item keeps a stub: it is the least of these, and not nothing.
      bar.firstChild.style.setProperty("--share", range > 0 ? 0.12 + (0.88 * (score - top + range)) / range : 1);
      const text = element("span", { class: "text" }, element("span", { class: "title" }, this.items.title(label)));
      const details = this.items.details(label);
      if (details) text.append(element("small", {}, details));
      const value = element("span", { class: "score" }, element("span", { class: "hidden" }, "score "), score.toFixed(2));
      const button = element("button", { type: "button" }, text, element("span", { class: "rating" }, value, bar));
      button.dataset.label = label;
      button.addEventListener("click", () => this.#add(label));
      return element("li", {}, button);
    });
    list.replaceChildren(...rows);
    if (focused >= 0) (list.querySelectorAll("button")[Math.min(focused, rows.length - 1)] ?? byId("search")).focus();
    const count = this.#history.length;
    byId("list-heading").textContent = count ? "Recommended next" : "Popular to start with";
    const after = count === 0 ? "" : ` after ${count} ${count === 1 ? "choice" : "choices"}`;
    byId("status").textContent = `${best.length} titles${after}`;
    byId("milliseconds").textContent = timeText(milliseconds);
  }

  async start() {
    await this.#show();
    await this.#check();
  }

  /** Ask what Python was asked when the page was written. */
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
