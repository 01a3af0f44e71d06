// Words and numbers in the language of the report.

class Text {
  constructor(language, words) {
    this.language = language;
    this.words = words;
    this.collator = new Intl.Collator(language.code, { numeric: true });
    this.formats = new Map();
  }

  // A message with its values; one that depends on a number n has the forms "one" and "other".
  say(key, values = {}) {
    let message = this.words[key];
    if (message === undefined && "n" in values) message = this.words[`${key}.${this.form(values.n)}`];
    const written = { ...values };
    if (typeof values.n === "number") written.n = this.people(values.n);
    return (message ?? key).replace(/\{(\w+)\}/g, (whole, name) => (name in written ? String(written[name]) : whole));
  }

  form(n) {
    return n === 1 || (this.language.code === "fr" && n >= 0 && n < 2) ? "one" : "other";
  }

  number(value, digits) {
    const places = Math.max(digits, 0);
    if (!this.formats.has(places)) {
      const options = { minimumFractionDigits: places, maximumFractionDigits: places, roundingMode: "halfEven" };
      this.formats.set(places, new Intl.NumberFormat("en-US", options));
    }
    const written = this.formats.get(places).format(rounded(value, digits));
    const [whole, part] = written.replace("-", this.language.minus).split(".");
    const enough = whole.replace(/\D/g, "").length >= this.language.from;
    const marked = whole.replaceAll(",", enough ? this.language.thousands : "");
    return part === undefined ? marked : marked + this.language.decimal + part;
  }

  people(count) {
    return this.number(count, Number.isInteger(count) ? 0 : 1);
  }

  percent(share) {
    return this.language.percent.replace("{number}", this.number(100 * share, 1));
  }

  compare(one, other) {
    return this.collator.compare(one, other);
  }
}

// Zero has no sign; fewer than no decimals are tens, hundreds and so on.
function rounded(value, digits) {
  const unit = digits < 0 ? 10 ** -digits : 1;
  const near = Math.round(value / unit) * unit;
  if (digits < 0) return near + 0;
  return Math.abs(value) < 0.5 * 10 ** -digits ? 0 : value;
}

// An element with text, never with markup.
function make(tag, attributes = {}, ...content) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...content);
  return element;
}

const byId = (name) => document.getElementById(`explore-${name}`);
