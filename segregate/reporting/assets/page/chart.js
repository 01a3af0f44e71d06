// Legend and distribution: both say how many units there are, and both choose among them.

const MOST_BARS = 12;

// A choice among units: those of a class, or those with values from low to high.
function classChoice(number, label) {
  return { kind: "class", number, label };
}

function rangeChoice(bars, number, label) {
  return { kind: "range", number, label, low: bars.edges[number], high: bars.edges[number + 1], first: number === 0 };
}

function chooses(choice, measure, unit) {
  if (choice.kind === "class") return measure.class[unit] === choice.number;
  const value = measure.values[unit];
  return value !== null && value <= choice.high && (value > choice.low || (choice.first && value === choice.low));
}

const sameChoice = (one, other) => Boolean(one && other && one.kind === other.kind && one.number === other.number);

class Legend {
  constructor(element, text, { onPeek, onChoose }) {
    Object.assign(this, { element, text, onPeek, onChoose });
    walkWithArrows(element, "button", "ArrowUp", "ArrowDown");
  }

  show(measure) {
    this.choices = measure.classes.map((row, number) => classChoice(number, row.label));
    const rows = measure.classes.map((row, number) => this.row(this.choices[number], row.units, row.color));
    if (measure.no_data) {
      const choice = classChoice(-1, measure.no_data_label);
      this.choices.push(choice);
      rows.push(this.row(choice, measure.no_data, null));
    }
    this.element.replaceChildren(...rows);
    oneTabStop(this.buttons(), 0);
  }

  row(choice, units, colour) {
    const swatch = make("span", { class: colour ? "explore-swatch" : "explore-swatch explore-hatch" });
    if (colour) swatch.style.backgroundColor = colour;
    const button = make(
      "button",
      { type: "button", class: "explore-class", "aria-pressed": "false" },
      swatch,
      make("span", { class: "explore-class-label" }, choice.label),
      make("span", { class: "explore-class-units" }, this.text.say("units", { n: units })),
    );
    peekAndChoose(button, choice, this);
    return make("li", {}, button);
  }

  buttons() {
    return [...this.element.querySelectorAll("button")];
  }

  mark(choice, current) {
    this.buttons().forEach((button, place) => {
      button.setAttribute("aria-pressed", String(sameChoice(choice, this.choices[place])));
      button.classList.toggle("is-current", this.choices[place].number === current);
    });
  }
}

class Histogram {
  constructor(elements, text, { onPeek, onChoose }) {
    Object.assign(this, elements, { text, onPeek, onChoose });
    walkWithArrows(this.bars, "button", "ArrowLeft", "ArrowRight");
  }

  show(measure) {
    this.measure = measure;
    this.bins = binned(measure);
    this.choices = this.bins.counts.map((_, number) => rangeChoice(this.bins, number, this.label(number)));
    const most = Math.max(1, ...this.bins.counts);
    this.bars.replaceChildren(...this.choices.map((choice, number) => this.bar(choice, number, most)));
    this.top.textContent = this.bins.counts.length ? this.text.say("units", { n: most }) : "";
    this.axis.replaceChildren(...this.ticks());
    oneTabStop(this.buttons(), 0);
    this.mark(null, null);
  }

  label(number) {
    const [low, high] = [this.bins.edges[number], this.bins.edges[number + 1]];
    return this.text.say("range", { low: this.edge(low), high: this.edge(high) });
  }

  edge(value) {
    return this.text.number(value, this.bins.digits);
  }

  bar(choice, number, most) {
    const label = this.text.say("bar", { range: choice.label, units: this.text.say("units", { n: this.bins.counts[number] }) });
    const stack = make("span", { class: "explore-stack" });
    stack.style.height = `${(100 * this.bins.counts[number]) / most}%`;
    this.bins.byClass[number].forEach((units, place) => {
      if (!units) return;
      const piece = make("span", {});
      piece.style.flexGrow = units;
      piece.style.backgroundColor = this.measure.classes[place].color;
      stack.prepend(piece);
    });
    const button = make("button", { type: "button", class: "explore-bar", "aria-pressed": "false", "aria-label": label }, stack);
    peekAndChoose(button, choice, {
      onChoose: this.onChoose,
      onPeek: (peeked) => {
        this.readout.textContent = peeked ? label : "";
        this.onPeek(peeked);
      },
    });
    return button;
  }

  ticks() {
    const last = this.bins.edges.length - 1;
    const every = Math.max(1, Math.ceil(last / 4));
    return this.bins.edges.flatMap((edge, number) => {
      if (number % every) return [];
      const tick = make("span", {}, this.edge(edge));
      tick.style.left = `${(100 * number) / Math.max(1, last)}%`;
      return [tick];
    });
  }

  buttons() {
    return [...this.bars.querySelectorAll("button")];
  }

  // Choice of the reader, and the value of the unit that is met.
  mark(choice, value) {
    this.buttons().forEach((button, place) =>
      button.setAttribute("aria-pressed", String(sameChoice(choice, this.choices[place]))),
    );
    const [low, high] = [this.bins.edges[0], this.bins.edges.at(-1)];
    this.pointer.hidden = value === null || value === undefined || !(high > low);
    if (!this.pointer.hidden) this.pointer.style.left = `${(100 * (value - low)) / (high - low)}%`;
  }
}

// Bars between round limits; every value is in the bar whose upper limit it does not pass.
function binned(measure) {
  const values = measure.values.filter((value) => value !== null);
  if (!values.length) return { edges: [], counts: [], byClass: [], digits: 0 };
  const low = values.reduce((one, other) => Math.min(one, other));
  const high = values.reduce((one, other) => Math.max(one, other));
  const step = roundStep((high - low || Math.abs(high) || 1) / (MOST_BARS - 1));
  const first = Math.floor(low / step + 1e-9);
  const bars = Math.max(1, Math.ceil(high / step - 1e-9) - first);
  const edges = Array.from({ length: bars + 1 }, (_, number) => Number(((first + number) * step).toPrecision(12)));
  const byClass = edges.slice(1).map(() => measure.classes.map(() => 0));
  measure.values.forEach((value, unit) => {
    if (value === null) return;
    let bar = edges.findIndex((edge, number) => number > 0 && value <= edge) - 1;
    if (bar < 0) bar = bars - 1;
    byClass[bar][measure.class[unit]] += 1;
  });
  edges[0] = Math.min(edges[0], low);
  edges[bars] = Math.max(edges[bars], high);
  const counts = byClass.map((classes) => classes.reduce((one, other) => one + other, 0));
  return { edges, counts, byClass, digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9) + (needsHalf(step) ? 1 : 0)) };
}

function roundStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 2.5, 5, 10].map((times) => times * power).find((step) => step >= least * (1 - 1e-9));
}

const needsHalf = (step) => Math.abs(step / 10 ** Math.floor(Math.log10(step) + 1e-9) - 2.5) < 1e-6;

// Pointing and focus show a choice for a moment; a press keeps it.
function peekAndChoose(button, choice, { onPeek, onChoose }) {
  for (const event of ["pointerenter", "focus"]) button.addEventListener(event, () => onPeek(choice));
  for (const event of ["pointerleave", "blur"]) button.addEventListener(event, () => onPeek(null));
  button.addEventListener("click", () => onChoose(choice));
}

// One stop for the tabulator in a row of buttons; arrows walk along it.
function walkWithArrows(element, selector, back, forward) {
  element.addEventListener("keydown", (event) => {
    const buttons = [...element.querySelectorAll(selector)];
    const place = buttons.indexOf(document.activeElement);
    if (place < 0) return;
    const goal = { [back]: place - 1, [forward]: place + 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (goal === undefined) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(buttons.length - 1, goal));
    oneTabStop(buttons, next);
    buttons[next].focus();
  });
}

function oneTabStop(buttons, chosen) {
  buttons.forEach((button, place) => button.setAttribute("tabindex", place === chosen ? "0" : "-1"));
}
