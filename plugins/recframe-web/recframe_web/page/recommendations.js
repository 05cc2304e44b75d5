/** The list of recommendations, as buttons. */

import { byId, element } from "./elements.js";

const LEAST_SHARE = 0.12; // the last item's bar is short, but it is there

/**
 * Show recommendations, best first.
 * @param {{label: number, score: number}[]} best
 * @param {(label: number) => void} choose Called with the item that the user chose.
 */
export function showRecommendations(best, items, choose) {
  const list = byId("recommendations");
  const focused = [...list.querySelectorAll("button")].indexOf(document.activeElement);
  const top = best.length ? best[0].score : 0;
  const range = best.length ? top - best.at(-1).score : 0;
  const rows = best.map(({ label, score }) => {
    const share = range > 0 ? LEAST_SHARE + ((1 - LEAST_SHARE) * (score - top + range)) / range : 1;
    const button = recommendation(items.title(label), items.details(label), score, share);
    button.dataset.label = label;
    button.addEventListener("click", () => choose(label));
    return element("li", {}, button);
  });
  list.replaceChildren(...rows);
  if (focused >= 0) (list.querySelectorAll("button")[Math.min(focused, rows.length - 1)] ?? byId("search")).focus();
}

/** A button with the title, and a bar that fills a share of its width. */
function recommendation(title, details, score, share) {
  const text = element("span", { class: "text" }, element("span", { class: "title" }, title));
  if (details) text.append(element("small", {}, details));
  const bar = element("span", { class: "bar", "aria-hidden": "true" }, element("span"));
  bar.firstChild.style.setProperty("--share", share);
  const value = element("span", { class: "score" }, element("span", { class: "hidden" }, "score "), score.toFixed(2));
  return element("button", { type: "button" }, text, element("span", { class: "rating" }, value, bar));
}
