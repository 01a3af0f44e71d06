// The table: sorted, filtered, in pages, and as a file.

const ROWS = 50;

class Table {
  constructor(elements, text, { onSelect, onSort }) {
    Object.assign(this, elements, { text, onSelect, onSort });
    this.page = 0;
    this.sort = { column: "value", descending: true };
    this.previous.addEventListener("click", () => this.turn(this.page - 1));
    this.next.addEventListener("click", () => this.turn(this.page + 1));
    walkWithArrows(this.body, "button", "ArrowUp", "ArrowDown");
  }

  show(units, measure) {
    this.units = units;
    this.measure = measure;
    this.columns = columnsOf(units, measure, this.text);
    if (!this.columns.some((column) => column.key === this.sort.column)) this.sort = { column: "value", descending: true };
    this.head.replaceChildren(...this.columns.map((column) => this.header(column)));
  }

  header(column) {
    const mark = make("span", { class: "explore-sort-mark", "aria-hidden": "true" });
    const button = make("button", { type: "button", class: "explore-sort" }, make("span", {}, column.title), mark);
    button.addEventListener("click", () => {
      const again = this.sort.column === column.key;
      this.sort = { column: column.key, descending: again ? !this.sort.descending : column.number };
      this.page = 0;
      this.onSort();
    });
    return make("th", { scope: "col", class: column.number ? "is-number" : null }, button);
  }

  // The units that pass, in the order of the table; those without a value come last.
  ordered(units) {
    const column = this.columns.find((one) => one.key === this.sort.column);
    const sign = this.sort.descending ? -1 : 1;
    const compare = column.number ? (one, other) => one - other : (one, other) => this.text.compare(one, other);
    return [...units].sort((one, other) => {
      const [first, second] = [column.of(one), column.of(other)];
      if (first === null || second === null) return (first === null) - (second === null) || one - other;
      return sign * compare(first, second) || one - other;
    });
  }

  fill(order, selected) {
    this.order = order;
    this.selected = selected;
    const pages = Math.max(1, Math.ceil(order.length / ROWS));
    this.page = Math.max(0, Math.min(this.page, pages - 1));
    const from = this.page * ROWS;
    const shown = order.slice(from, from + ROWS);
    this.body.replaceChildren(...shown.map((unit) => this.row(unit)));
    oneTabStop([...this.body.querySelectorAll("button")], Math.max(0, shown.indexOf(selected)));
    this.empty.hidden = order.length > 0;
    this.place.textContent = this.text.say("rows", {
      first: this.text.people(order.length ? from + 1 : 0),
      last: this.text.people(from + shown.length),
      all: this.text.people(order.length),
    });
    this.previous.disabled = this.page === 0;
    this.next.disabled = this.page >= pages - 1;
    this.markSorted();
  }

  markSorted() {
    this.columns.forEach((column, place) => {
      const sorted = column.key === this.sort.column;
      const way = this.sort.descending ? "descending" : "ascending";
      const header = this.head.children[place];
      if (sorted) header.setAttribute("aria-sort", way);
      else header.removeAttribute("aria-sort");
      header.querySelector(".explore-sort-mark").textContent = sorted ? (this.sort.descending ? "▼" : "▲") : "↕";
    });
  }

  row(unit) {
    const [first, ...others] = this.columns;
    const button = make(
      "button",
      { type: "button", class: "explore-row", "aria-pressed": String(unit === this.selected) },
      first.shown(unit),
    );
    const row = make(
      "tr",
      { "data-unit": unit, class: unit === this.selected ? "is-selected" : null },
      make("th", { scope: "row" }, button),
      ...others.map((column) => make("td", { class: column.number ? "is-number" : null }, column.shown(unit))),
    );
    row.addEventListener("click", () => this.onSelect(unit === this.selected ? -1 : unit));
    return row;
  }

  turn(page) {
    this.page = page;
    this.fill(this.order, this.selected);
  }

  // Mark a unit, and turn to its page when it was not chosen here.
  select(unit, turnToIt) {
    const place = this.order.indexOf(unit);
    if (turnToIt && place >= 0 && Math.floor(place / ROWS) !== this.page) {
      this.page = Math.floor(place / ROWS);
      this.fill(this.order, unit);
      return;
    }
    this.selected = unit;
    for (const row of this.body.children) {
      const chosen = Number(row.dataset.unit) === unit;
      row.classList.toggle("is-selected", chosen);
      row.querySelector("button").setAttribute("aria-pressed", String(chosen));
    }
  }

  csv() {
    const head = this.columns.map((column) => cell(column.title));
    const rows = this.order.map((unit) => this.columns.map((column) => cell(column.of(unit))));
    return `\ufeff${[head, ...rows].map((row) => row.join(",")).join("\r\n")}\r\n`;
  }
}

function columnsOf(units, measure, text) {
  const { layer } = units;
  const people = (column) => ({
    number: true,
    of: (unit) => column[unit],
    shown: (unit) => (column[unit] === null ? "–" : text.people(column[unit])),
  });
  const written = (column) => ({ number: false, of: (unit) => column[unit] || null, shown: (unit) => column[unit] || "–" });
  return [
    ...(layer.names ? [{ key: "name", title: text.say("name"), ...written(layer.names) }] : []),
    { key: "id", title: text.say("id"), ...written(layer.ids) },
    {
      key: "value",
      title: titled(measure, text),
      number: true,
      of: (unit) => measure.values[unit],
      shown: (unit) => (measure.values[unit] === null ? "–" : text.number(measure.values[unit], measure.digits)),
    },
    { key: "people", title: text.say("people"), ...people(layer.people) },
    ...layer.groups.map((group, place) => ({ key: `group-${place}`, title: group.name, ...people(group.people) })),
  ];
}

function titled({ title, group }, text) {
  return group === null ? title : text.say("index_of", { index: title, group });
}

// Text that a spreadsheet would run is written with an apostrophe before it.
function cell(value) {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const safe = /^\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function save(name, content) {
  const url = URL.createObjectURL(new Blob([content], { type: "text/csv;charset=utf-8" }));
  const link = make("a", { href: url, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
