"""Text made to do harm, in archives and alone: refused with a message, or read and harmless."""

import gzip
import io
import os
import stat
import struct
import time
import warnings
import zipfile

import pytest

import segregate as sg
from segregate.errors import SegregateError

TABLE = b"id,a,b\n01,1,9\n02,9,1\n"
SOON = 60


def read(path, **how):
    return sg.read(path, groups=["a", "b"], id="id", **how)


def refused(path, message, **how):
    begun = time.monotonic()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(SegregateError, match=message) as caught:
            read(path, **how)
    assert time.monotonic() - begun < SOON
    assert "\n" not in str(caught.value)


def archive(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return path


@pytest.mark.parametrize("filling", [b"0", b"\n", b"01,1,9\n"], ids=["one cell", "blank lines", "rows"])
def test_bomb_of_text(tmp_path, filling):
    bomb = TABLE + filling * (300_000_000 // len(filling))
    path = archive(tmp_path / "bomb.zip", {"t.csv": bomb})
    assert path.stat().st_size < 2_000_000
    refused(path, r"bomb.zip would unpack from [\d,]+ to (29|30)\d,[\d,]+ bytes; that is no table")
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(bomb, 6))
    refused(tmp_path / "t.csv.gz", r"t.csv.gz unpacks to more than [\d,]+ bytes, 250 times its size; that is no table")


def test_bomb_that_says_it_is_small(tmp_path):
    """The sizes in the archive are a lie; no more than they say is unpacked."""
    path = archive(tmp_path / "t.zip", {"t.csv": TABLE + b"01,1,9\n" * 20_000_000})
    data = bytearray(path.read_bytes())
    for signature, place in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = data.index(signature)
        data[at + place : at + place + 4] = struct.pack("<I", len(TABLE))
    path.write_bytes(data)
    refused(path, r"t.zip is damaged, or packed in a way that is not known \(Bad CRC-32")


def test_bomb_beside_the_table_is_harmless(tmp_path):
    assert read(archive(tmp_path / "t.zip", {"t.csv": TABLE, "t.pdf": bytes(300_000_000)})).n_units == 2


@pytest.mark.parametrize("folder", ["../../", "/tmp/", "C:\\", "..\\", "a/../../"])
def test_paths_that_leave_the_archive(tmp_path, folder):
    before = sorted(tmp_path.parent.rglob("*"))
    path = archive(tmp_path / "t.zip", {"t.csv": TABLE, f"{folder}evil.txt": b"x"})
    refused(path, r"1 file in t.zip would lie outside the folder of the archive \(first: .*evil.txt'\)")
    refused(archive(tmp_path / "t.zip", {f"{folder}t.csv": TABLE}), r"1 file in t.zip would lie outside")
    path.unlink()
    assert sorted(tmp_path.parent.rglob("*")) == before


def test_links_are_not_followed(tmp_path):
    (tmp_path / "secret.csv").write_bytes(TABLE)
    link = zipfile.ZipInfo("t.csv")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as made:
        made.writestr(link, str(tmp_path / "secret.csv"))
    refused(tmp_path / "t.zip", r"'t.csv' in t.zip is a link to another file")


def test_a_password(tmp_path):
    path = archive(tmp_path / "t.zip", {"t.csv": TABLE})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    refused(path, r"'t.csv' in t.zip is protected by a password")


def test_very_many_files(tmp_path, monkeypatch):
    monkeypatch.setattr("segregate.io._bombs.MEMBERS", 3)
    refused(archive(tmp_path / "t.zip", {"t.csv": TABLE, "x": b"", "y": b"", "z": b""}), "t.zip holds 4 files")


def test_an_archive_in_an_archive(tmp_path):
    inner = io.BytesIO()
    archive(inner, {"t.csv": TABLE})
    refused(
        archive(tmp_path / "t.zip", {"inner.zip": inner.getvalue()}), r"no CSV, TSV or text \(it holds 'inner.zip'\)"
    )


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.95])
def test_archives_that_break_off(tmp_path, keep):
    rows = b"".join(b"%d,%d,%d\n" % (k, k * 7919 % 101, k * 104729 % 103) for k in range(20_000))
    path = archive(tmp_path / "t.zip", {"t.csv": b"id,a,b\n" + rows})
    os.truncate(path, int(keep * path.stat().st_size))
    refused(path, r"t.zip is not a zip archive, or it is damaged")
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"id,a,b\n" + rows))
    os.truncate(tmp_path / "t.csv.gz", int(keep * (tmp_path / "t.csv.gz").stat().st_size))
    refused(tmp_path / "t.csv.gz", r"t.csv.gz is damaged, or packed in a way that is not known")


def test_bytes_that_were_changed(tmp_path):
    rows = b"".join(b"%d,%d,%d\n" % (k, k * 7919 % 101, k * 104729 % 103) for k in range(20_000))
    for name in ("t.zip", "t.csv.gz"):
        path = tmp_path / name
        if name == "t.zip":
            archive(path, {"t.csv": b"id,a,b\n" + rows})
        else:
            path.write_bytes(gzip.compress(b"id,a,b\n" + rows))
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 0xFF
        path.write_bytes(data)
        refused(path, rf"{name} is damaged, or packed|is not UTF-8|null byte|more or fewer fields")


def test_a_way_to_pack_that_is_not_known(tmp_path):
    path = archive(tmp_path / "t.zip", {"t.csv": TABLE})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 10] = 9  # Deflate64, as Windows packs large files
    data[data.index(b"PK\x03\x04") + 8] = 9
    path.write_bytes(data)
    refused(path, r"t.zip is damaged, or packed in a way that is not known \(.*compression.*\); .* or unpack it")


def test_cells_that_begin_like_formulas_are_text(tmp_path):
    ids = ["=1+1", "+1", "-1", "@x", "=cmd|' /C calc'!A0"]
    text = "id,a,b\n" + "".join(f"{name},{k},{9 - k}\n" for k, name in enumerate(ids))
    assert read(archive(tmp_path / "t.zip", {"t.csv": text})).ids.tolist() == ids
    counts = "id,a,b\n01,=2+2,1\n02,3,4\n"
    (tmp_path / "u.csv").write_text(counts)
    for path in (tmp_path / "u.csv", archive(tmp_path / "u.zip", {"u.csv": counts})):
        refused(path, r"'a' values that are not numbers: '=2\+2'")
        refused(path, r"no number and no mark with a known meaning: '=2\+2'", marks={"*": 0})
        refused(path, r"no number and no mark with a known meaning: '=2\+2'", decimal=",")


def test_no_text_at_all(tmp_path):
    for content in (b"id,a,b\n01,1\x00,2\n", "id,a,b\n01,1,2\n".encode("utf-16-le")):
        refused(archive(tmp_path / "t.zip", {"t.csv": content}), r"t.csv holds a null byte at position")
    refused(archive(tmp_path / "t.zip", {"t.csv": TABLE.decode().encode("utf-16")}), "t.csv is UTF-16")
    refused(
        archive(tmp_path / "t.zip", {"t.csv": b"id,a,b\n\xe9,1,2\n"}), r"t.csv is not UTF-8: byte 0xe9 at position 7"
    )
    refused(archive(tmp_path / "t.zip", {"t.csv": b"\n \n"}), r"t.csv holds nothing but blank lines")


@pytest.mark.slow
def test_ten_thousand_columns_in_an_archive(tmp_path):
    names = [f"c{k}" for k in range(9_997)]
    text = "\n".join([",".join(["id", "a", "b", *names]), *(",".join([k, "1", "2", *["3"] * 9_997]) for k in "xy")])
    begun = time.monotonic()
    assert read(archive(tmp_path / "t.zip", {"t.csv": text})).n_units == 2
    assert time.monotonic() - begun < SOON
    refused(
        archive(tmp_path / "t.zip", {"t.csv": ",".join(map(str, range(60_000))) + "\n"}),
        r"has 60,000 columns; tables of more than 50,000 are not read",
    )


def test_a_drawing_with_entities_is_no_table(tmp_path):
    """No XML is read but that of workbooks; a drawing, or text that is one, is not parsed."""
    bomb = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg">&b;</svg>'
    (tmp_path / "t.svg").write_text(bomb)
    refused(tmp_path / "t.svg", r"t.svg: files ending in '.svg' are not read")
    (tmp_path / "t.csv").write_text(bomb + "\n")
    refused(tmp_path / "t.csv", r"no column 'a'|no rows")
    refused(archive(tmp_path / "t.zip", {"t.svg": bomb}), "holds no Shapefile and no CSV")
