"""Where the units of a city lie, and the few lines all oracles with places need: classes, distances, borders.

Borders are found segment by segment, so that corners need not meet. Shapely only reads coordinates and centroids.
"""

import math
from dataclasses import dataclass

from ._common import add, totals

NEAR = 1e-6
"""How far from a line, in metres, a point may lie that counts as on it: coordinates of millions are rounded."""


@dataclass(frozen=True)
class Places:
    """The land of each unit in m2, its point in metres, and its polygons.

    A unit has a list of polygons, a polygon a list of rings, the outer one first, a ring a list of (x, y); the last
    corner of a ring may repeat the first.
    """

    area: list | None = None
    points: list | None = None
    rings: list | None = None


def places_of(frame, factor=1.0):
    """Return the places of a GeoDataFrame of polygons in a projected CRS, whose unit is ``factor`` metres."""
    rings, points = [], []
    for shape in frame.geometry:
        polygons = [part for part in getattr(shape, "geoms", [shape]) if part.geom_type == "Polygon"]
        rings.append([[moved(ring.coords, factor) for ring in (part.exterior, *part.interiors)] for part in polygons])
        points.append(moved(shape.centroid.coords, factor)[0])
    return Places([area_of(polygons) for polygons in rings], points, rings)


def moved(coordinates, factor=1.0, east=0.0, north=0.0):
    """Return coordinates times a number, then moved."""
    return [(x * factor + east, y * factor + north) for x, y, *_ in coordinates]


def corners(ring):
    """Return the corners of a ring without a repeated last one."""
    return ring[:-1] if tuple(ring[0]) == tuple(ring[-1]) else list(ring)


def sides(polygons):
    """Return the segments of all rings of a unit."""
    return [pair for rings in polygons for ring in rings for pair in turns(corners(ring))]


def turns(ring):
    """Return each corner with the next one, the last with the first."""
    return list(zip(ring, ring[1:] + ring[:1], strict=True))


def area_of(polygons):
    """Return the area of a unit: outer rings less their holes, by the shoelace formula."""
    return math.fsum(
        area_of_ring(ring) * (1 if number == 0 else -1) for rings in polygons for number, ring in enumerate(rings)
    )


def area_of_ring(ring):
    """Return the area that a ring encloses; coordinates are taken from its first corner."""
    ring = corners(ring)
    ring = [(x - ring[0][0], y - ring[0][1]) for x, y in ring]
    return abs(math.fsum(x * v - u * y for (x, y), (u, v) in turns(ring))) / 2


def outline(polygons):
    """Return the length of all rings of a unit."""
    return math.fsum(math.dist(a, b) for a, b in sides(polygons))


def classes(values, within):
    """Return lists of numbers, from the smallest value to the largest, of values that agree with the next smaller."""
    order = sorted(range(len(values)), key=lambda j: values[j])
    found = []
    for k, j in enumerate(order):
        if k > 0 and values[j] - values[order[k - 1]] <= within * values[j]:
            found[-1].append(j)
        else:
            found.append([j])
    return found


def squared(a, b):
    """Return the square of the distance of two points."""
    return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2


def centres_of(counts, places, centre):
    """Return the points of a centre: a place (x, y), the number of a unit, a list of these, or "population"."""
    if centre == "population":
        people = totals(counts)
        everyone = add(people)
        weighted = list(zip(people, places.points, strict=True))
        return [tuple(add(t * point[axis] for t, point in weighted) / everyone for axis in (0, 1))]
    each = centre if isinstance(centre, list) else [centre]
    return [one if isinstance(one, tuple) else places.points[one] for one in each]


def from_centre(counts, places, centre):
    """Return the square of the distance of each unit to the nearest centre."""
    centres = centres_of(counts, places, centre)
    return [min(squared(point, one) for one in centres) for point in places.points]


def outward(first, second, distances):
    """Return the sum of X_(i-1) Y_i - X_i Y_(i-1) over units in the order of their distances, ties merged.

    X and Y are the cumulative shares of two lists of amounts; distances are squared.
    """
    one, other = add(first), add(second)
    terms, x, y = [], 0, 0
    for units in classes(distances, 1e-9):
        further_x = x + add(first[j] for j in units) / one
        further_y = y + add(second[j] for j in units) / other
        terms.append(x * further_y - further_x * y)
        x, y = further_x, further_y
    return add(terms)


def box_of(segments):
    """Return least and greatest x and y, a little wider."""
    xs, ys = [[point[axis] for pair in segments for point in pair] for axis in (0, 1)]
    return min(xs) - NEAR, min(ys) - NEAR, max(xs) + NEAR, max(ys) + NEAR


def meet(one, other):
    """Return whether two boxes meet."""
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def along(segment, point):
    """Return how far along a segment a point lies and how far off its line."""
    (ax, ay), (bx, by) = segment
    length = math.dist(*segment)
    ux, uy = (bx - ax) / length, (by - ay) / length
    px, py = point[0] - ax, point[1] - ay
    return px * ux + py * uy, abs(px * uy - py * ux)


def common_length(one, other):
    """Return the length that two segments have in common: none unless they lie on one line."""
    if math.dist(*one) < math.dist(*other):
        one, other = other, one
    (start, off), (end, off_too) = (along(one, point) for point in other)
    if max(off, off_too) > NEAR:
        return 0.0
    shared = min(max(start, end), math.dist(*one)) - max(min(start, end), 0.0)
    return shared if shared > NEAR else 0.0


def is_on(segment, point):
    """Return whether a point lies on a segment."""
    at, off = along(segment, point)
    return off <= NEAR and -NEAR <= at <= math.dist(*segment) + NEAR


def borders(places, units):
    """Return the length of the border that two of some units share, for each pair (i, j), i < j, that touches.

    Units that touch in points only share 0.
    """
    segments = {j: [pair for pair in sides(places.rings[j]) if math.dist(*pair) > 0] for j in units}
    boxes = {j: box_of(segments[j]) for j in units}
    found = {}
    for i in units:
        for j in units:
            if not (i < j and meet(boxes[i], boxes[j])):
                continue
            close = [[pair for pair in segments[a] if meet(box_of([pair]), boxes[b])] for a, b in ((i, j), (j, i))]
            pairs = [(one, other) for one in close[0] for other in close[1] if meet(box_of([one]), box_of([other]))]
            length = math.fsum(common_length(one, other) for one, other in pairs)
            touch = any(is_on(one, p) for one, other in pairs for p in other)
            touch = touch or any(is_on(other, p) for one, other in pairs for p in one)
            if length > 0 or touch:
                found[i, j] = length
    return found
