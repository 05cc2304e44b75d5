/** The search box, and the list of matching titles below it. */

import { byId, element } from "./elements.js";
import { TitleSearch } from "./search.js";

const SHOWN = 8; // titles shown below the search box, as many as a phone shows above its keyboard

export class SearchBox {
  #box = byId("search");
  #list = byId("matches");
  #items;
  #search;
  #inHistory;
  #choose;
  /** Label ids of the titles in the list. */
  #matches = [];
  #active = -1;

  /**
   * @param {Items} items The items to search.
   * @param {() => number[]} inHistory Label ids of the history, which the list leaves out.
   * @param {(label: number) => void} choose Called with the item that the user chose.
   */
  constructor(items, inHistory, choose) {
    this.#items = items;
    this.#search = new TitleSearch(items.labels.map((label) => ({ label, title: items.title(label) })));
    this.#inHistory = inHistory;
    this.#choose = choose;
    this.#listen();
  }

  focus() {
    this.#box.focus();
  }

  #listen() {
    this.#box.addEventListener("input", () => this.#showMatches());
    this.#box.addEventListener("keydown", (event) => this.#key(event));
    this.#box.addEventListener("focus", () => this.#showMatches());
    document.addEventListener("pointerdown", (event) => {
      if (!event.target.closest(".search")) this.#close();
    });
    document.querySelector(".search").addEventListener("focusout", (event) => {
      if (!event.currentTarget.contains(event.relatedTarget)) this.#close();
    });
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest("input, textarea, select, [contenteditable]");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      this.#box.focus();
      this.#box.select();
    });
  }

  #showMatches() {
    const query = this.#box.value.trim();
    this.#matches = this.#search.find(query, SHOWN, new Set(this.#inHistory()));
    this.#active = this.#matches.length ? 0 : -1;
    const options = this.#matches.map((label, place) => {
      const option = element("li", { id: `match-${place}`, role: "option" }, element("span", {}, this.#items.title(label)));
      const details = this.#items.details(label);
      if (details) option.append(element("small", {}, details));
      // A press would take the focus from the box, and that closes the list before the click.
      option.addEventListener("pointerdown", (event) => event.preventDefault());
      option.addEventListener("click", () => this.#take(label));
      return option;
    });
    this.#list.replaceChildren(...options);
    byId("no-match").textContent = query && !options.length ? `No title matches “${query}”.` : "";
    this.#markActive();
  }

  #markActive() {
    const open = this.#matches.length > 0;
    this.#list.hidden = !open;
    this.#box.setAttribute("aria-expanded", String(open));
    [...this.#list.children].forEach((option, place) => {
      option.setAttribute("aria-selected", String(place === this.#active));
      if (place === this.#active) option.scrollIntoView({ block: "nearest" });
    });
    if (open) this.#box.setAttribute("aria-activedescendant", `match-${this.#active}`);
    else this.#box.removeAttribute("aria-activedescendant");
  }

  #close() {
    this.#matches = [];
    byId("no-match").textContent = "";
    this.#markActive();
  }

  #key(event) {
    const count = this.#matches.length;
    if (event.isComposing) return;
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count) {
      event.preventDefault();
      this.#active = (this.#active + (event.key === "ArrowDown" ? 1 : count - 1)) % count;
      this.#markActive();
    } else if (event.key === "ArrowDown") {
      this.#showMatches();
    } else if (event.key === "Enter" && count) {
      event.preventDefault();
      this.#take(this.#matches[this.#active]);
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (count) this.#close();
      else if (this.#box.value) this.#box.value = "";
      else this.#box.blur();
      byId("no-match").textContent = "";
    }
  }

  #take(label) {
    this.#box.value = "";
    this.#close();
    this.#choose(label);
  }
}
