// The parts together: what is chosen, met and selected is the same on the map, in the charts and in the table.

class Explorer {
  constructor(data) {
    this.layers = data.layers;
    this.text = new Text(data.language, data.words);
    this.units = new Map();
    Object.assign(this, { layer: 0, title: null, group: null, hovered: -1, selected: -1, choice: null, peeked: null, find: "" });
    this.map = new UnitMap(byId("map"), {
      onHover: (unit, place) => this.hover(unit, place),
      onSelect: (unit) => this.select(unit, "map"),
    });
    const choosing = { onPeek: (choice) => this.peek(choice), onChoose: (choice) => this.choose(choice) };
    this.legend = new Legend(byId("legend"), this.text, choosing);
    this.histogram = new Histogram(parts("bars", "axis", "top", "pointer", "readout"), this.text, choosing);
    this.table = new Table(parts("head", "body", "empty", "place", "previous", "next"), this.text, {
      onSelect: (unit) => this.select(unit, "table"),
      onSort: () => this.list(),
    });
    this.listen();
    this.showLayer(0);
  }

  listen() {
    const on = (name, event, act) => byId(name).addEventListener(event, act);
    on("layer", "change", (event) => this.showLayer(Number(event.target.value)));
    on("index", "change", (event) => this.showIndex(event.target.value));
    on("group", "change", (event) => this.showMeasure(Number(event.target.value)));
    on("find", "input", (event) => this.search(event.target.value));
    on("all", "click", () => this.showAll());
    on("download", "click", () => save(this.fileName(), this.table.csv()));
    on("zoom-in", "click", () => this.map.zoom(1));
    on("zoom-out", "click", () => this.map.zoom(-1));
    on("whole", "click", () => this.map.fit());
    for (const [name, way] of [["left", [-1, 0]], ["right", [1, 0]], ["up", [0, -1]], ["down", [0, 1]]]) {
      on(name, "click", () => this.map.pan(...way));
    }
    on("step-back", "click", () => this.walk(-1));
    on("step-on", "click", () => this.walk(1));
    on("map", "keydown", (event) => this.key(event));
    on("app", "keydown", (event) => event.key === "Escape" && this.escape());
    this.map.map.on("move zoom", () => this.hideTooltip());
  }

  // choosing what is shown -----------------------------------------------------------

  showLayer(number) {
    const before = this.units.size ? this.place(this.layer) : null;
    const chosen = this.selected >= 0 ? this.current().layer.ids[this.selected] : null;
    this.layer = number;
    this.hovered = -1;
    const units = this.current();
    this.selected = chosen === null ? -1 : units.layer.ids.indexOf(chosen);
    byId("no-map").hidden = units.onMap;
    byId("frame").hidden = byId("tools").hidden = !units.onMap;
    if (units.onMap) this.map.setUnits(units, before === this.place(number));
    fillSelect(byId("layer"), this.layers.map((layer) => layer.name), number);
    byId("layer").closest("label").hidden = this.layers.length < 2;
    this.showIndex(this.title);
  }

  // Layers with the same geometry share it; each has people and values of its own.
  current() {
    if (!this.units.has(this.layer)) {
      const layer = this.layers[this.layer];
      this.units.set(this.layer, new Units(layer, this.layers[this.shapesOf(this.layer)]));
    }
    return this.units.get(this.layer);
  }

  shapesOf(number) {
    return this.layers[number].same_as ?? number;
  }

  // What is the same for maps of the same land, which keep their view.
  place(number) {
    const { bounds, scale } = this.layers[this.shapesOf(number)];
    return JSON.stringify([bounds, scale]);
  }

  showIndex(title) {
    const { measures } = this.layers[this.layer];
    const titles = [...new Set(measures.map((measure) => measure.title))];
    this.title = titles.includes(title) ? title : titles[0];
    fillSelect(byId("index"), titles, this.title, titles);
    const places = measures.flatMap((measure, place) => (measure.title === this.title ? [place] : []));
    const same = places.find((place) => measures[place].group === this.group);
    const chosen = same ?? places[0];
    fillSelect(byId("group"), places.map((place) => measures[place].group ?? "–"), chosen, places);
    byId("group").closest("label").hidden = places.length < 2 && measures[chosen].group === null;
    this.showMeasure(chosen);
  }

  showMeasure(place) {
    this.measure = this.layers[this.layer].measures[place];
    if (this.measure.group !== null) this.group = this.measure.group;
    this.choice = this.peeked = null;
    byId("meaning").textContent = this.measure.meaning;
    byId("legend-title").textContent = this.heading();
    byId("map").setAttribute("aria-label", this.text.say("map_of", { index: this.heading() }));
    this.legend.show(this.measure);
    this.histogram.show(this.measure);
    this.table.show(this.current(), this.measure);
    this.list();
    this.describe();
  }

  // choosing among units ---------------------------------------------------------------

  peek(choice) {
    this.peeked = choice;
    this.paint();
  }

  choose(choice) {
    this.choice = sameChoice(choice, this.choice) ? null : choice;
    this.table.page = 0;
    this.list();
  }

  search(find) {
    this.find = folded(find.trim());
    this.table.page = 0;
    this.list();
  }

  showAll() {
    byId("find").value = "";
    this.find = "";
    this.choose(null);
    byId("find").focus();
  }

  passes(unit) {
    const { layer } = this.current();
    const found = !this.find || folded(`${layer.names?.[unit] ?? ""}\n${layer.ids[unit]}`).includes(this.find);
    return found && (!this.choice || chooses(this.choice, this.measure, unit));
  }

  list() {
    const units = this.current();
    const all = Array.from({ length: units.count }, (_, unit) => unit);
    this.passing = all.map((unit) => this.passes(unit));
    this.order = this.table.ordered(all.filter((unit) => this.passing[unit]));
    this.table.fill(this.order, this.selected);
    const filtered = this.order.length < units.count;
    byId("all").hidden = !filtered && !this.choice && !this.find;
    byId("found").textContent = this.text.say("found", {
      found: this.text.people(this.order.length),
      all: this.text.people(units.count),
    });
    byId("only").textContent = this.choice ? this.text.say("only", { range: this.choice.label }) : "";
    this.paint();
    this.mark();
  }

  paint() {
    const { classes } = this.measure;
    const colours = this.measure.class.map((number) => (number < 0 ? null : classes[number].color));
    const seen = this.peeked ? (unit) => chooses(this.peeked, this.measure, unit) : (unit) => this.passing[unit];
    if (this.current().onMap) this.map.paint(colours, (unit) => !seen(unit));
  }

  // meeting and selecting units -----------------------------------------------------------

  hover(unit, place) {
    if (unit !== this.hovered) {
      this.hovered = unit;
      this.mark();
      if (unit >= 0) byId("tooltip").replaceChildren(...this.about(unit));
    }
    if (unit < 0) this.hideTooltip();
    else showAt(byId("tooltip"), place);
  }

  hideTooltip() {
    byId("tooltip").hidden = true;
  }

  select(unit, from) {
    this.selected = unit;
    this.table.select(unit, from !== "table");
    if (from !== "map") this.showOnMap(unit);
    this.mark();
    this.describe();
  }

  showOnMap(unit) {
    this.hovered = -1;
    const place = unit >= 0 && this.current().onMap ? this.map.reveal(unit) : null;
    this.hideTooltip();
    if (!place) return;
    byId("tooltip").replaceChildren(...this.about(unit));
    showAt(byId("tooltip"), place);
  }

  // Along the table, in its order.
  walk(way) {
    if (!this.order.length) return;
    const place = this.order.indexOf(this.selected);
    const start = way > 0 ? 0 : this.order.length - 1;
    const next = place < 0 ? start : (place + way + this.order.length) % this.order.length;
    this.select(this.order[next], "walk");
  }

  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target !== byId("map")) return;
    const act = { n: () => this.walk(1), p: () => this.walk(-1), 0: () => this.map.fit() }[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  }

  escape() {
    if (!byId("tooltip").hidden) this.hideTooltip();
    else if (this.selected >= 0) this.select(-1, "map");
  }

  mark() {
    const unit = this.hovered >= 0 ? this.hovered : this.selected;
    const value = unit < 0 ? null : this.measure.values[unit];
    if (this.current().onMap) this.map.mark(this.hovered, this.selected);
    this.legend.mark(this.choice, unit < 0 ? null : this.measure.class[unit]);
    this.histogram.mark(this.choice, value);
  }

  describe() {
    const unit = this.selected;
    const empty = make("p", {}, this.text.say("none_selected"));
    byId("detail").replaceChildren(...(unit < 0 ? [empty] : this.about(unit)));
    byId("live").textContent =
      unit < 0
        ? ""
        : this.text.say("announced", {
            name: this.current().name(unit),
            index: this.heading(),
            value: this.value(unit),
            people: this.text.say("people_of", { n: this.current().layer.people[unit] ?? 0 }),
          });
  }

  heading() {
    return titled(this.measure, this.text);
  }

  value(unit) {
    const value = this.measure.values[unit];
    return value === null ? this.measure.no_data_label : this.text.number(value, this.measure.digits);
  }

  // What there is to say about a unit: name, id, value, people and groups.
  about(unit) {
    const { layer } = this.current();
    const name = this.current().name(unit);
    const people = layer.people[unit] ?? 0;
    const groups = layer.groups.map((group) => {
      const share = people > 0 ? group.people[unit] / people : 0;
      const bar = make("span", { class: "explore-share" });
      bar.style.width = `${100 * share}%`;
      return make(
        "li",
        {},
        make("span", {}, group.name),
        make("span", { class: "is-number" }, this.text.people(group.people[unit])),
        make("span", { class: "is-number" }, people > 0 ? this.text.percent(share) : "–"),
        make("span", { class: "explore-share-track" }, bar),
      );
    });
    return [
      make("p", { class: "explore-name" }, name),
      ...(name === layer.ids[unit] ? [] : [make("p", { class: "explore-id" }, layer.ids[unit])]),
      make("p", { class: "explore-value" }, make("span", {}, this.heading()), make("strong", {}, this.value(unit))),
      make("p", {}, this.text.say("people_of", { n: people })),
      make("ul", { class: "explore-groups" }, ...groups),
    ];
  }

  fileName() {
    const words = [this.layers[this.layer].name, this.measure.title, this.measure.group ?? ""];
    const plain = words.map((word) => word.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "").slice(0, 60));
    return `${plain.filter(Boolean).join("_") || "units"}.csv`;
  }
}

const parts = (...names) => Object.fromEntries(names.map((name) => [name, byId(name)]));

// Small and capital letters, with and without accents, are the same.
const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function fillSelect(select, names, chosen, values = names.map((_, place) => place)) {
  select.replaceChildren(...names.map((name, place) => make("option", { value: values[place] }, name)));
  select.value = String(chosen);
}

// Beside the pointer, inside of the map.
function showAt(tooltip, place) {
  tooltip.hidden = false;
  const frame = tooltip.parentElement;
  const right = place.x + 16 + tooltip.offsetWidth < frame.clientWidth;
  const x = right ? place.x + 16 : Math.max(4, place.x - 16 - tooltip.offsetWidth);
  const y = Math.max(4, Math.min(place.y + 16, frame.clientHeight - tooltip.offsetHeight - 4));
  tooltip.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
}

function start() {
  const island = document.getElementById("segregate-data");
  if (!island || !byId("app")) return;
  byId("app").hidden = false; // before, so that the map has a size
  try {
    new Explorer(JSON.parse(island.textContent));
    byId("off").hidden = true;
  } catch (error) {
    byId("app").hidden = true;
    throw error;
  }
}

start();
