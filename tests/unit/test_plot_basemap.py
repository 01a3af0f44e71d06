"""Basemaps, against a tile server that the test makes itself; nothing else is asked."""

import io
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import geopandas as gpd
import numpy as np
import pytest
import shapely
from PIL import Image

from segregate._optional import require
from segregate.errors import GeometryError, MissingDependencyError, ParameterError, SegregateError, UnknownNameError
from segregate.plot import map as draw
from segregate.plot._basemap import tile_source


@pytest.fixture
def tiles(monkeypatch):
    """Serve tiles coloured by their place, and refuse every other address."""
    asked = []

    class Tiles(BaseHTTPRequestHandler):
        def do_GET(self):
            z, x, y = (int(part) for part in self.path.removesuffix(".png").split("/")[-3:])
            asked.append((z, x, y))
            stream = io.BytesIO()
            Image.new("RGB", (256, 256), (200, x % 2 * 255, y % 2 * 255)).save(stream, "PNG")
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.end_headers()
            self.wfile.write(stream.getvalue())

        def log_message(self, *text):
            pass

    connect = socket.socket.connect

    def only_here(self, address):
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "localhost", "::1"):
            raise AssertionError(f"the network was asked: {address}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", only_here)
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Tiles)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/{{z}}/{{x}}/{{y}}.png", asked
    server.shutdown()
    thread.join()
    server.server_close()


def city(crs=25833):
    shapes = [shapely.box(390_000 + 2000 * i, 5_800_000, 392_000 + 2000 * i, 5_810_000) for i in range(5)]
    return gpd.GeoDataFrame({"value": np.arange(5.0)}, geometry=shapes, crs=25833).to_crs(crs)


def named(ax, gid):
    return [found for found in ax.figure.findobj() if found.get_gid() == gid]


def test_tiles_lie_where_they_belong(tiles):
    url, asked = tiles
    ax = draw(city(), basemap=url, managed=False)
    (image,) = named(ax, "basemap")
    zoom = asked[0][0]
    size = 40_075_016.685578488 / 2**zoom
    columns, rows = {x for _, x, _ in asked}, {y for _, _, y in asked}
    left, right, bottom, top = image.get_extent()
    assert left == pytest.approx(min(columns) * size - 20_037_508.342789244, abs=1)
    assert top == pytest.approx(20_037_508.342789244 - min(rows) * size, abs=1)
    bounds = city().to_crs(3857).total_bounds
    assert left <= bounds[0]
    assert right >= bounds[2]
    assert bottom <= bounds[1]
    assert top >= bounds[3]
    # enough tiles for print, and not more
    assert 4 <= len(asked) <= 60
    pixel = size / 256
    assert 90 <= (ax.get_xlim()[1] - ax.get_xlim()[0]) / pixel / (ax.get_window_extent().width / ax.figure.dpi) <= 250
    # the view is that of the units
    assert ax.get_xlim()[0] > left
    assert image.get_zorder() < named(ax, "units")[0].get_zorder()
    assert named(ax, "units")[0].get_alpha() < 1


def test_the_default_wants_no_key():
    assert "{x}" in tile_source(True)["url"]


def test_the_source_of_the_tiles_is_named(tiles):
    url, _ = tiles
    (text,) = named(draw(city(), basemap=url, managed=False), "attribution")
    assert text.get_text() == "Basemap: 127.0.0.1"
    contextily = pytest.importorskip("contextily")
    provider = contextily.providers.OpenStreetMap.Mapnik.copy()
    provider["url"] = url
    (text,) = named(draw(city(), basemap=provider, managed=False), "attribution")
    assert "OpenStreetMap contributors" in text.get_text()


def test_tiles_are_warped_to_another_projection(tiles):
    url, _ = tiles
    ax = draw(city(4326), basemap=url, crs=25833, managed=False)
    left, right, bottom, top = named(ax, "basemap")[0].get_extent()
    bounds = city().total_bounds
    assert left <= bounds[0] < bounds[2] <= right
    assert bottom <= bounds[1] < bounds[3] <= top


def test_it_is_saved_with_the_basemap(tiles, tmp_path):
    url, _ = tiles
    draw(city(), basemap=url, managed=False, save=tmp_path / "map.png")
    with Image.open(tmp_path / "map.png") as picture:
        colours = {colour for _, colour in picture.convert("RGB").getcolors(10**7)}
    assert colours & {(200, 0, 0), (200, 255, 0), (200, 0, 255), (200, 255, 255)}


def test_tiles_that_cannot_be_fetched(tiles):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(SegregateError, match=r"could not be fetched from 127\.0\.0\.1: .*draw without basemap="):
        draw(city(), basemap=f"http://127.0.0.1:{port}/{{z}}/{{x}}/{{y}}.png", managed=False)


@pytest.mark.parametrize(
    ("basemap", "error", "message"),
    [
        (
            "OpenStreetMap.Mapnk",
            UnknownNameError,
            "There is no tile provider 'OpenStreetMap.Mapnk'. Did you mean",
        ),
        ("http://127.0.0.1/tiles", ParameterError, r"A tile URL needs \{x\}, \{y\} and \{z\} in it"),
        (7, ParameterError, "not 7"),
        ({"name": "no url"}, ParameterError, "basemap= is True, the name of a tile provider"),
        ("Thunderforest.Atlas", ParameterError, "'Thunderforest.Atlas' wants a key"),
    ],
)
def test_basemaps_that_cannot_be_used(basemap, error, message):
    with pytest.raises(error, match=message):
        draw(city(), basemap=basemap, managed=False)


def test_a_basemap_needs_to_know_where_the_data_are():
    with pytest.raises(GeometryError, match="no coordinate reference system"):
        draw(city().set_crs(None, allow_override=True), basemap="http://127.0.0.1/{z}/{x}/{y}", managed=False)


def test_without_contextily_it_is_said_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "contextily", None)
    with pytest.raises(MissingDependencyError, match=r"package contextily, .*pip install 'segregate\[maps\]'"):
        draw(city(), basemap=True, managed=False)
    with pytest.raises(ImportError, match="not_there, which is not installed"):
        require("not_there", extra="maps")


def test_a_dependency_of_the_package_may_be_the_missing_one(tmp_path, monkeypatch):
    (tmp_path / "half_installed.py").write_text("import something_else_missing\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(MissingDependencyError, match=r"half_installed \(which needs something_else_missing\)"):
        require("half_installed", extra="maps")
