/** Titles that a query finds, best first. */

/** Lower case, without accents. */
function plain(text) {
  return text.normalize("NFKD").replace(/\p{Mark}/gu, "").toLowerCase();
}

export class TitleSearch {
  /** @param {{label: number, title: string}[]} items The more popular first: so equal matches stay. */
  constructor(items) {
    this.items = items.map(({ label, title }) => ({ label, text: plain(title) }));
  }

  /** Label ids of up to `limit` titles that hold every word of the query, without those in `leftOut`. */
  find(query, limit, leftOut = new Set()) {
    const whole = plain(query).trim();
    if (!whole) return [];
    const words = whole.split(/\s+/);
    const matches = [[], [], []]; // the title begins so; words begin so; somewhere inside
    for (const { label, text } of this.items) {
      if (leftOut.has(label) || !words.every((word) => text.includes(word))) continue;
      const begins = text.startsWith(whole);
      const atWords = words.every((word) => ` ${text.replace(/[^\p{L}\p{N}]+/gu, " ")}`.includes(` ${word}`));
      matches[begins ? 0 : atWords ? 1 : 2].push(label);
      if (matches[0].length === limit) break;
    }
    return matches.flat().slice(0, limit);
  }
}
