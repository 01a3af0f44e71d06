// The units of a layer: where they are, which one lies under a point, what they are called.

const CELLS_PER_SIDE = 96;
const REACH = 9; // pixels around a school in which the pointer meets it

class Units {
  constructor(layer, geometry) {
    this.layer = layer;
    this.count = layer.ids.length;
    this.onMap = Boolean(geometry.shapes || geometry.points);
    const steps = geometry.bounds ? extent(geometry) : [1, 1];
    [this.width, this.height] = steps;
    this.rings = (geometry.shapes ?? new Array(this.count).fill([])).map((unit) => unit.map(corners));
    this.points = geometry.points ?? new Array(this.count).fill(null);
    this.boxes = this.rings.map((rings, unit) => boxOf(rings, this.points[unit]));
    this.paths = this.rings.map(pathOf);
    this.grid = new Grid(this.boxes, this.width, this.height);
  }

  // The unit at a point in steps, or -1; reach is the radius of a school in steps.
  at(x, y, reach) {
    const near = this.nearestPoint(x, y, reach);
    if (near >= 0) return near;
    const found = this.grid.around(x, y, 0);
    for (let place = found.length - 1; place >= 0; place -= 1) {
      if (covers(this.rings[found[place]], x, y)) return found[place];
    }
    return -1;
  }

  nearestPoint(x, y, reach) {
    let nearest = -1;
    let least = reach * reach;
    for (const unit of this.grid.around(x, y, reach)) {
      const point = this.points[unit];
      if (!point) continue;
      const distance = (point[0] - x) ** 2 + (point[1] - y) ** 2;
      if (distance <= least) [nearest, least] = [unit, distance];
    }
    return nearest;
  }

  // A point that lies inside of the unit, for its label; null when the unit is not on the map.
  middle(unit) {
    if (this.points[unit]) return this.points[unit];
    return this.rings[unit].length ? widestInside(this.rings[unit], this.boxes[unit]) : null;
  }

  name(unit) {
    return this.layer.names?.[unit] || this.layer.ids[unit];
  }
}

class Grid {
  constructor(boxes, width, height) {
    this.size = Math.max(width, height, 1) / CELLS_PER_SIDE;
    this.cells = new Map();
    boxes.forEach((box, unit) => box && this.each(box, (key) => this.add(key, unit)));
  }

  each([west, south, east, north], visit) {
    for (let column = this.cell(west); column <= this.cell(east); column += 1) {
      for (let row = this.cell(south); row <= this.cell(north); row += 1) visit(column * 4096 + row);
    }
  }

  cell(place) {
    return Math.max(-1, Math.min(CELLS_PER_SIDE + 1, Math.floor(place / this.size)));
  }

  add(key, unit) {
    if (!this.cells.has(key)) this.cells.set(key, []);
    this.cells.get(key).push(unit);
  }

  // Units whose box may meet a square around a point, in their order.
  around(x, y, reach) {
    const found = new Set();
    this.each([x - reach, y - reach, x + reach, y + reach], (key) => {
      for (const unit of this.cells.get(key) ?? []) found.add(unit);
    });
    return [...found].sort((one, other) => one - other);
  }
}

function extent(geometry) {
  const [west, south, east, north] = geometry.bounds;
  return [(east - west) / geometry.scale, (north - south) / geometry.scale];
}

// From differences to corners: x0, y0, x1, y1 ...
function corners(differences) {
  const places = Float64Array.from(differences);
  for (let at = 2; at < places.length; at += 1) places[at] += places[at - 2];
  return places;
}

function boxOf(rings, point) {
  if (point) return [point[0], point[1], point[0], point[1]];
  if (!rings.length) return null;
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of rings) {
    for (let at = 0; at < ring.length; at += 2) {
      box[0] = Math.min(box[0], ring[at]);
      box[1] = Math.min(box[1], ring[at + 1]);
      box[2] = Math.max(box[2], ring[at]);
      box[3] = Math.max(box[3], ring[at + 1]);
    }
  }
  return box;
}

function pathOf(rings) {
  const path = new Path2D();
  for (const ring of rings) {
    path.moveTo(ring[0], ring[1]);
    for (let at = 2; at < ring.length; at += 2) path.lineTo(ring[at], ring[at + 1]);
    path.closePath();
  }
  return path;
}

// Even and odd crossings, so that a hole is outside.
function covers(rings, x, y) {
  let inside = false;
  for (const ring of rings) {
    const all = ring.length;
    for (let at = 0, before = all - 2; at < all; before = at, at += 2) {
      const above = ring[at + 1] > y;
      if (above === ring[before + 1] > y) continue;
      const slope = (ring[before] - ring[at]) / (ring[before + 1] - ring[at + 1]);
      if (x < ring[at] + (y - ring[at + 1]) * slope) inside = !inside;
    }
  }
  return inside;
}

// The middle of the widest stretch of the unit along a few lines through its box.
function widestInside(rings, [west, south, east, north]) {
  let best = [(west + east) / 2, (south + north) / 2];
  let widest = -1;
  for (const part of [0.5, 0.35, 0.65, 0.2, 0.8]) {
    const y = south + (north - south) * part + 1e-3;
    const crossings = crossingsAt(rings, y);
    for (let at = 0; at + 1 < crossings.length; at += 2) {
      const width = crossings[at + 1] - crossings[at];
      if (width > widest * 1.2) [best, widest] = [[(crossings[at] + crossings[at + 1]) / 2, y], width];
    }
  }
  return best;
}

function crossingsAt(rings, y) {
  const crossings = [];
  for (const ring of rings) {
    const all = ring.length;
    for (let at = 0, before = all - 2; at < all; before = at, at += 2) {
      if (ring[at + 1] > y === ring[before + 1] > y) continue;
      const slope = (ring[before] - ring[at]) / (ring[before + 1] - ring[at + 1]);
      crossings.push(ring[at] + (y - ring[at + 1]) * slope);
    }
  }
  return crossings.sort((one, other) => one - other);
}
