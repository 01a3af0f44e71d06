"""How the entries about clustering, kernels and decays are read."""

from .entries import ITSELF, NO_INDEX, TURNED
from .shapes import pairs

OWN = {"0": 0, "(0.6a)^0.5": "area", "0.6 a^0.5": 0.6, "a": 0.6}
"""Distance of a unit to itself, as the entries write it."""


def unit(params):
    """Return the metres in the unit of length of an entry."""
    if "coords" in params:
        return 50_000
    return 1000 if params.get("unit", params.get("distance_unit")) == "km" else 1


def decay(entry):
    """Return exp(-beta d), or the distance itself, or neighbours."""
    params = entry.params
    if "contiguity" in params:
        return {"rook": 1}
    own = OWN[params.get("diag", params.get("diagval"))]
    if params.get("fdist") == "l":
        return {"distance": unit(params), "own": own}
    return {"decay": unit(params) / params["beta"], "own": own}


def without_itself(entry):
    """Return the weights of pairs of different units."""
    fun = entry.params["fun"]
    if fun == "1/d":
        return {"reciprocal": unit(entry.params)}
    return {"cut decay": unit(entry.params) / float(fun.removeprefix("exp(-").removesuffix("*d)")), "reach": None}


def kernel(entry):
    """Return the kernel of a surface."""
    params, metres = entry.params, unit(entry.params)
    power, far = params["power"], params["maxdist"]
    if "biweight" in entry.index:
        return {"kernel": "biweight", "radius": far * metres}
    if "scaled" in entry.index:
        return {"scaled decay": power, "reach": far * metres}
    if far is None:
        return {"decay": metres / power, "own": 0}
    return {"cut decay": metres / power, "reach": far * metres, "own": 1}


def proximity(entry, part, group, other, value):
    """Add the row of a mean proximity."""
    entry.row(part, "mean_proximity", value, group=group, other=other, within=decay(entry))


def own_proximity(entry):
    """Read P_xx of each group."""
    for group, value in entry.value.items():
        proximity(entry, group, group, group, value)


def proximities(entry):
    """Read a matrix of P_xy, P_xx on its diagonal."""
    for row, values in zip(entry.value["rows"], entry.value["matrix"], strict=True):
        for col, value in zip(entry.value["cols"], values, strict=True):
            proximity(entry, f"{row} {col}", row, col, value)


def pooled(entry, part, value, **params):
    """Add the row of a mean proximity of everybody, or of a group over that."""
    entry.row(part, "mean_proximity", value, within=decay(entry), **params)


def of_everybody(entry):
    """Read P_oo, that of everybody; in a matrix of two groups it is off the diagonal, P_xx on it."""
    if entry.params["itype"] == "multi":
        pooled(entry, "", entry.value, pooled="everybody")
        return
    for row, values in zip(entry.value["rows"], entry.value["matrix"], strict=True):
        for col, value in zip(entry.value["cols"], values, strict=True):
            if row == col:
                proximity(entry, f"{row} {col}", row, col, value)
            else:
                pooled(entry, f"{row} {col}", value, groups=[row, col], pooled="everybody")


def spatial(entry):
    """Read SP of all groups, of two of them, or P_xx / P_oo of one."""
    kind = entry.params["itype"]
    if kind == "multi":
        entry.row("", "spatial_proximity", entry.value, within=decay(entry))
    elif kind == "one":
        for group, value in entry.value.items():
            pooled(entry, group, value, group=group, pooled="over")
    else:
        pairs("spatial_proximity", lambda _: {"within": decay(entry)})(entry)


def relative(entry):
    """Read RCL of the first group, or of pairs; with distances in place of nearness its sign is turned."""
    if isinstance(entry.value, float):
        entry.row("", "relative_clustering", entry.value, group=entry.groups[0], within=decay(entry))
        return
    turned = TURNED if entry.params["fdist"] == "l" else ""
    for row, values in zip(entry.value["rows"], entry.value["matrix"], strict=True):
        for col, value in zip(entry.value["cols"], values, strict=True):
            if row == col:
                entry.leave(ITSELF)
            else:
                how = {"groups": [row, col], "group": row, "within": decay(entry)}
                entry.row(f"{row} {col}", "relative_clustering", value, differs=turned, **how)


def absolute(entry):
    """Read ACL of the first group, or of each."""
    values = {entry.groups[0]: entry.value} if isinstance(entry.value, float) else entry.value
    for group, value in values.items():
        entry.row(
            "" if values is not entry.value else group, "absolute_clustering", value, group=group, within=decay(entry)
        )


def white(entry):
    """Read P_xx, P_yy, P_xy and P_oo."""
    one, two = entry.groups
    for name, group, other in (("Pxx", one, one), ("Pyy", two, two), ("Pxy", one, two)):
        proximity(entry, name, group, other, entry.value[name])
    pooled(entry, "Poo", entry.value["Poo"], pooled="everybody")


def morgan(entry):
    """Read distance-decay isolation and interaction of the first group; their sum is no index."""
    one, two = entry.groups
    entry.row("DPxx", "isolation", entry.value["DPxx"], group=one, within=decay(entry))
    entry.row("DPxy", "exposure", entry.value["DPxy"], group=one, other=two, within=decay(entry))
    entry.leave(NO_INDEX)


def surface(how):
    """Make a reader of D, R, H and the matrix of exposures within an environment."""

    def read(entry):
        within = how(entry)
        for name, index in (("d", "dissimilarity"), ("r", "relative_diversity"), ("h", "information_theory")):
            entry.row(name, index, entry.value[name], **within)
        for group, values in zip(entry.groups, entry.value["p"], strict=True):
            for other, value in zip(entry.groups, values, strict=True):
                if group == other:
                    entry.row(f"{group} {other}", "isolation", value, group=group, **within)
                else:
                    entry.row(f"{group} {other}", "exposure", value, group=group, other=other, **within)

    return read


def on_a_raster(entry):
    """Return the raster and the decay with an end of an entry."""
    params = entry.params
    if params["ncol"] != params["nrow"]:
        raise SystemExit(f"entry {entry.entry['id']}: the raster is no square")
    return {"raster": params["ncol"], "within": kernel(entry)}


def bandwidths(index):
    """Make a reader of an index at several bandwidths; 0 is home."""

    def read(entry):
        shape = {"gaussian": "gaussian", "step": "uniform"}[entry.params["weight_function"]]
        for name, value in entry.value.items():
            radius = float(name.removeprefix("bw"))
            entry.row(name, index, value, **({"within": {"kernel": shape, "radius": radius}} if radius > 0 else {}))

    return read


NEARNESS = {
    # R OasisR, ACL and RCL the formula too
    "ACL": absolute,
    "Pxx": own_proximity,
    "Pxy": proximities,
    "Poo": of_everybody,
    "SP": spatial,
    "RCL": relative,
    # R seg
    "isp (White SP)": lambda entry: entry.row("", "spatial_proximity", entry.value, within=without_itself(entry)),
    "spseg exp kernel (spatial D,R,H,P)": surface(lambda entry: {"within": kernel(entry)}),
    "spseg biweight-like kernel": surface(lambda entry: {"within": kernel(entry)}),
    "spseg scaled exponential": surface(lambda entry: {"within": kernel(entry)}),
    "spseg smoothing=equal": surface(on_a_raster),
    # R segregr
    "spatial D": bandwidths("dissimilarity"),
    "spatial H": bandwidths("information_theory"),
    # the formula written out
    "Pxx,Pyy,Pxy,Poo (White 1983)": white,
    "SP (White)": lambda entry: entry.row("", "spatial_proximity", entry.value, within=decay(entry)),
    "DPxx, DPxy (Morgan 1983, K_ij=t_j c_ij/sum_j t_j c_ij; DPxx+DPxy=1)": morgan,
}
"""Name of an entry -> what reads it."""
