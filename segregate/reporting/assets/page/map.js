// The map: Leaflet moves it, the units are drawn on a canvas of their own.

const FADED = 0.18;
const RADIUS = 5;
const NO_DATA = "#ffffff";
const HATCH = "#6b6b6b";
const ON_LIGHT = "rgba(60, 60, 60, 0.6)";
const OF_DOT = "#555555";
const ON_DARK = "rgba(255, 255, 255, 0.5)";

// Two canvases that Leaflet moves and stretches: the units, and the outlines of those that are met or selected.
const Canvases = L.Renderer.extend({
  options: { padding: 0.25 },

  initialize(draw, drawMarks) {
    L.Renderer.prototype.initialize.call(this, {});
    this.drawUnits = draw;
    this.drawMarks = drawMarks;
  },

  _initContainer() {
    this._container = L.DomUtil.create("div", "explore-canvases");
    this.base = L.DomUtil.create("canvas", "", this._container);
    this.marks = L.DomUtil.create("canvas", "", this._container);
  },

  _destroyContainer() {
    this._container.remove();
    delete this._container;
  },

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const size = this._bounds.getSize();
    L.DomUtil.setPosition(this._container, this._bounds.min);
    for (const canvas of [this.base, this.marks]) {
      canvas.width = Math.round(size.x * ratio());
      canvas.height = Math.round(size.y * ratio());
      canvas.style.width = `${size.x}px`;
      canvas.style.height = `${size.y}px`;
    }
    this.redraw();
    this.fire("update");
  },

  redraw() {
    this.start(this.base, this.drawUnits);
    this.redrawMarks();
  },

  redrawMarks() {
    this.start(this.marks, this.drawMarks);
  },

  // Steps to pixels: the same for all units, y upwards.
  start(canvas, draw) {
    if (!this._bounds) return;
    const context = canvas.getContext("2d");
    const scale = this._map.getZoomScale(this._zoom, 0);
    const corner = this._map.project([0, 0], this._zoom).subtract(this._map.getPixelOrigin()).subtract(this._bounds.min);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.setTransform(ratio() * scale, 0, 0, -ratio() * scale, ratio() * corner.x, ratio() * corner.y);
    context.lineJoin = "round";
    draw(context, 1 / scale);
  },
});

class UnitMap {
  constructor(element, { onHover, onSelect }) {
    this.element = element;
    this.units = null;
    this.colours = [];
    this.faded = () => false;
    this.hovered = -1;
    this.selected = -1;
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.map = L.map(element, {
      crs: L.CRS.Simple,
      attributionControl: false,
      zoomControl: false,
      scrollWheelZoom: false,
      doubleClickZoom: true,
      dragging: !L.Browser.mobile,
      zoomSnap: 0.25,
      zoomAnimation: !still,
      fadeAnimation: false,
      inertia: !still,
      maxBoundsViscosity: 0.8,
    });
    this.canvases = new Canvases(
      (context, pixel) => this.draw(context, pixel),
      (context, pixel) => this.drawMarks(context, pixel),
    );
    this.listen(onHover, onSelect);
  }

  listen(onHover, onSelect) {
    this.map.on("mousemove", (event) => onHover(this.unitAt(event.latlng), event.containerPoint));
    this.map.on("mouseout", () => onHover(-1, null));
    this.map.on("click", (event) => onSelect(this.unitAt(event.latlng)));
    // the wheel scrolls the page until the map is in use
    this.element.addEventListener("focus", () => this.map.scrollWheelZoom.enable());
    this.element.addEventListener("blur", () => this.map.scrollWheelZoom.disable());
    new ResizeObserver(() => this.map.invalidateSize({ pan: false })).observe(this.element);
  }

  setUnits(units, keepView) {
    this.units = units;
    this.element.style.setProperty("--aspect", Math.max(0.8, Math.min(1.8, units.width / Math.max(1, units.height))));
    this.map.invalidateSize({ pan: false });
    const bounds = L.latLngBounds([0, 0], [units.height, units.width]);
    this.home = bounds;
    this.map.setMaxBounds(null).setMinZoom(-20).setMaxZoom(20);
    if (!keepView) this.fit();
    const whole = this.map.getBoundsZoom(bounds);
    this.map.setMinZoom(whole - 1).setMaxZoom(whole + 8).setMaxBounds(bounds.pad(0.5));
    if (!this.map.hasLayer(this.canvases)) this.canvases.addTo(this.map);
  }

  paint(colours, faded) {
    this.colours = colours;
    this.faded = faded;
    this.canvases.redraw();
  }

  mark(hovered, selected) {
    if (hovered === this.hovered && selected === this.selected) return;
    [this.hovered, this.selected] = [hovered, selected];
    this.canvases.redrawMarks();
  }

  fit() {
    this.map.fitBounds(this.home, { padding: [12, 12], animate: false });
  }

  pan(right, down) {
    this.map.panBy([right * 120, down * 120], { animate: this.map.options.zoomAnimation });
  }

  zoom(by) {
    this.map.setZoom(this.map.getZoom() + by);
  }

  // Pixel of the middle of a unit in the frame of the map, after moving there if it is out of sight.
  reveal(unit) {
    const middle = this.units.middle(unit);
    if (!middle) return null;
    const place = L.latLng(middle[1], middle[0]);
    const seen = this.map.latLngToContainerPoint(place);
    const size = this.map.getSize();
    const inside = seen.x > 30 && seen.y > 30 && seen.x < size.x - 30 && seen.y < size.y - 30;
    if (!inside) this.map.panTo(place, { animate: false });
    return this.map.latLngToContainerPoint(place);
  }

  unitAt(place) {
    return this.units.at(place.lng, place.lat, REACH / this.map.getZoomScale(this.map.getZoom(), 0));
  }

  draw(context, pixel) {
    if (!this.units) return;
    const hatch = hatching(context, pixel);
    for (let unit = 0; unit < this.units.count; unit += 1) {
      context.globalAlpha = this.faded(unit) ? FADED : 1;
      this.fill(context, unit, pixel, this.colours[unit], hatch);
    }
    context.globalAlpha = 1;
  }

  fill(context, unit, pixel, colour, hatch) {
    const path = this.shape(unit, pixel, RADIUS);
    context.fillStyle = colour ?? NO_DATA;
    context.fill(path, "evenodd");
    if (!colour) {
      context.fillStyle = hatch;
      context.fill(path, "evenodd");
    }
    const dot = Boolean(this.units.points[unit]);
    context.strokeStyle = dot ? OF_DOT : colour && isDark(colour) ? ON_DARK : ON_LIGHT;
    context.lineWidth = (dot ? 1 : 0.5) * pixel;
    context.stroke(path);
  }

  drawMarks(context, pixel) {
    if (!this.units) return;
    if (this.hovered >= 0) this.outline(context, this.hovered, pixel, 2);
    if (this.selected >= 0) this.outline(context, this.selected, pixel, 3.5);
  }

  // Black between white is seen on every colour.
  outline(context, unit, pixel, width) {
    const path = this.shape(unit, pixel, RADIUS + 2);
    for (const [colour, wider] of [["#ffffff", 3], ["#000000", 0]]) {
      context.strokeStyle = colour;
      context.lineWidth = (width + wider) * pixel;
      context.stroke(path);
    }
  }

  shape(unit, pixel, radius) {
    const point = this.units.points[unit];
    if (!point) return this.units.paths[unit];
    const circle = new Path2D();
    circle.arc(point[0], point[1], radius * pixel, 0, 2 * Math.PI);
    return circle;
  }
}

// Whether #rrggbb needs a light border.
function isDark(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return 0.3 * red + 0.59 * green + 0.11 * blue < 110;
}

const ratio = () => window.devicePixelRatio || 1;

function hatching(context, pixel) {
  const tile = make("canvas", { width: 6, height: 6 });
  const pen = tile.getContext("2d");
  pen.strokeStyle = HATCH;
  pen.lineWidth = 1;
  for (const start of [-6, 0, 6]) {
    pen.moveTo(start, 6);
    pen.lineTo(start + 6, 0);
  }
  pen.stroke();
  const pattern = context.createPattern(tile, "repeat");
  pattern.setTransform(new DOMMatrix([pixel, 0, 0, -pixel, 0, 0]));
  return pattern;
}
