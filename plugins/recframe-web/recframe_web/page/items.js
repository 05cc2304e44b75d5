/** Items as people read them: titles, and what stands below a title. */

export class Items {
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
