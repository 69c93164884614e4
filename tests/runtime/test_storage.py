"""Files are whole or absent, whatever happens in between; what is read was never pickled."""

import errno
import json
import os
import stat
import zipfile

import numpy as np
import pytest

from vi_lab.errors import InputTypeError, ResultFileError, ViLabError
from vi_lab.runtime import file_names, reading, storage


def leftovers(folder):
    return [path.name for path in folder.rglob("*") if path.name.endswith(".part")]


def test_a_file_is_written_with_its_folders(tmp_path):
    path = storage.write_bytes(tmp_path / "a" / "b" / "file.txt", b"content")
    assert path.read_bytes() == b"content"
    assert os.listdir(path.parent) == ["file.txt"]


@pytest.mark.skipif(os.name != "posix", reason="permissions as Unix has them")
@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_a_file_is_readable_by_whom_the_umask_lets_read(mask, tmp_path):
    before = os.umask(mask)
    try:
        path = storage.write_bytes(tmp_path / "file.txt", b"content")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask


def test_the_longest_name_of_a_file_can_be_written(tmp_path):
    """255 bytes: the name under which it is written meanwhile is no longer."""
    for name in ("x" * 255, "日" * 85):
        assert storage.write_bytes(tmp_path / name, b"1").read_bytes() == b"1"
        assert storage.PART.fullmatch(f".{name[:30]}.0a1b2c3d.part")
    assert leftovers(tmp_path) == []


def test_what_is_there_is_not_written_over_by_what_is_new(tmp_path, monkeypatch):
    """A link that leads nowhere is there too, and so is what another process has just written."""
    assert storage.write_new(tmp_path / "new", b"1") and not storage.write_new(
        tmp_path / "new", b"2"
    )
    (tmp_path / "link").symlink_to(tmp_path / "victim")
    assert not storage.write_new(tmp_path / "link", b"2") and not (tmp_path / "victim").exists()

    def begin(handle, true=os.fsync):
        (tmp_path / "late").write_bytes(b"another's")
        true(handle)

    monkeypatch.setattr(storage.os, "fsync", begin)
    assert not storage.write_new(tmp_path / "late", b"2")
    assert (tmp_path / "late").read_bytes() == b"another's" and leftovers(tmp_path) == []
    monkeypatch.undo()
    with monkeypatch.context() as patch:
        patch.setattr(storage.os, "link", lambda *names, **folders: os.listdir("no such folder"))
        assert storage.write_new(tmp_path / "without links", b"3")
    assert (tmp_path / "without links").read_bytes() == b"3" and leftovers(tmp_path) == []
    with pytest.raises(ResultFileError, match="cannot write"):
        storage.write_new(tmp_path / "new" / "below", b"4")


@pytest.mark.parametrize("name", ["kmsg", "version", "self/mem", "self/pagemap"])
def test_what_the_kernel_makes_up_is_no_file(name):
    """It says that it is one, of no byte, and goes on for ever, or waits for more."""
    path = f"/proc/{name}"
    if not os.access(path, os.R_OK):
        pytest.skip(f"no {path}")
    with pytest.raises(ResultFileError, match=f"^cannot read {path}: "):
        reading.read_whole(path)


@pytest.mark.parametrize("change", ["grows", "shrinks", "is written over"])
def test_a_file_that_changes_while_it_is_read_is_not_taken_for_whole(change, tmp_path, monkeypatch):
    path = tmp_path / "file.csv"
    path.write_bytes(b"mu,tau\n1,2\n")

    def changed(handle, true=os.fstat):
        found = true(handle)
        if change == "grows":
            with path.open("ab") as file:
                file.write(b"3,4\n")
        else:
            path.write_bytes(b"mu,tau\n" if change == "shrinks" else b"mu,tau\n8,9\n")
            os.utime(path, ns=(0, 0))
        return found

    monkeypatch.setattr(reading.os, "fstat", changed)
    with pytest.raises(ResultFileError, match=r"file\.csv: it changed while it was read"):
        reading.read_bytes(path)
    monkeypatch.undo()
    assert reading.read_bytes(path).startswith(b"mu,tau\n")


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("crash", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_a_crash_before_the_rename_leaves_the_old_file(tmp_path, monkeypatch, step, crash):
    path = storage.write_bytes(tmp_path / "file.txt", b"old")

    def stop(*arguments, **folders):
        raise crash

    monkeypatch.setattr(storage.os, step, stop)
    with pytest.raises(KeyboardInterrupt if crash is KeyboardInterrupt else ResultFileError):
        storage.write_bytes(path, b"new, and longer")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert leftovers(tmp_path) == []
    assert storage.write_bytes(path, b"new").read_bytes() == b"new"


def test_content_reaches_the_disk_before_its_name(tmp_path, monkeypatch):
    """fsync, then rename, then fsync of the folder: the order that survives a power cut."""
    calls = []

    def noted(name, call):
        return lambda *arguments, **more: (calls.append(name), call(*arguments, **more))[1]

    for name in ("fsync", "replace"):
        monkeypatch.setattr(storage.os, name, noted(name, getattr(os, name)))
    storage.write_bytes(tmp_path / "file.txt", b"content")
    assert calls == ["fsync", "replace", "fsync"][: 3 if os.name == "posix" else 2]


def test_an_interrupt_just_after_the_rename_keeps_the_new_file(tmp_path, monkeypatch):
    def rename_and_stop(source, target, replace=os.replace, **more):
        replace(source, target, **more)
        raise KeyboardInterrupt

    monkeypatch.setattr(storage.os, "replace", rename_and_stop)
    with pytest.raises(KeyboardInterrupt):
        storage.write_bytes(tmp_path / "file.txt", b"new")
    assert (tmp_path / "file.txt").read_bytes() == b"new"


def test_a_target_that_cannot_be_written_is_named(tmp_path):
    file = storage.write_bytes(tmp_path / "file.txt", b"")
    folder = tmp_path / "folder"
    folder.mkdir()
    for target in (file / "below.txt", folder):
        with pytest.raises(ResultFileError, match="^cannot write .*" + target.name) as caught:
            storage.write_bytes(target, b"content")
        assert isinstance(caught.value, (ViLabError, OSError))
    assert leftovers(tmp_path) == []
    assert sorted(os.listdir(tmp_path)) == ["file.txt", "folder"]


def test_what_is_no_file_is_not_replaced_and_a_link_is_not_followed(tmp_path):
    """A rename over a device would take it out of /dev."""
    os.mkfifo(pipe := tmp_path / "pipe")
    with pytest.raises(ResultFileError, match=r"^cannot write [^:]*pipe: it is no regular file$"):
        storage.write_bytes(pipe, b"new")
    assert pipe.is_fifo()
    (link := tmp_path / "link").symlink_to(tmp_path / "victim")
    storage.write_bytes(link, b"new")
    assert not link.is_symlink() and link.read_bytes() == b"new"
    assert not (tmp_path / "victim").exists()


def test_json_is_strict(tmp_path):
    content = {
        "numbers": [np.float64(0.1), np.int64(3), np.nan, -np.inf, True, None],
        "array": np.arange(4.0).reshape(2, 2),
        "tuple": ("a", "µ"),
        3: np.bool_(False),
    }
    path = storage.write_json(tmp_path / "file.json", content)

    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    assert json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse) == {
        "numbers": [0.1, 3, None, None, True, None],
        "array": [[0, 1], [2, 3]],
        "tuple": ["a", "µ"],
        "3": False,
    }
    assert path.read_bytes().endswith(b"}\n")
    assert reading.read_json(path)["numbers"][0] == 0.1


def test_a_list_that_holds_itself_is_no_json(tmp_path):
    endless = []
    endless.append(endless)
    with pytest.raises(InputTypeError, match="JSON holds numbers, text, lists and dicts alone"):
        storage.write_json(tmp_path / "file.json", {"seed": endless})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b'{"a": 1', b"\xff\xfe", b"[1, 2"])
def test_damaged_json_is_refused(tmp_path, content):
    path = storage.write_bytes(tmp_path / "file.json", content)
    with pytest.raises(ResultFileError, match="not a whole JSON file"):
        reading.read_json(path)
    with pytest.raises(ResultFileError, match="cannot read"):
        reading.read_json(tmp_path / "absent.json")


def test_arrays_come_back_as_they_were(tmp_path):
    small = np.arange(6, dtype=np.int8).reshape(2, 3)
    arrays = {"a/b": small, "c": np.pi, "none": np.empty((0, 2))}
    read = reading.read_npz(storage.write_npz(tmp_path / "file.npz", arrays))
    assert read.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(read[name], array)
        assert read[name].dtype == np.asarray(array).dtype


def test_a_table_that_is_mostly_zero_takes_little_room(tmp_path):
    """As the covariance of many rows, each with itself alone; draws are not squeezed in vain."""
    diagonal, draws = np.diag(np.linspace(1, 2, 300)), np.linspace(1, 2, 300**2)
    path = storage.write_npz(tmp_path / "it.npz", {"diagonal": diagonal, "draws": draws})
    assert 8 * draws.size < path.stat().st_size < 8.1 * draws.size
    back = reading.read_npz(path)
    assert np.array_equal(back["diagonal"], diagonal) and np.array_equal(back["draws"], draws)


def test_every_truncation_and_every_flipped_byte_is_refused_or_harmless(tmp_path):
    arrays = {"a": np.arange(20.0), "b": np.ones(3, dtype=np.int8)}
    whole = storage.write_npz(tmp_path / "whole.npz", arrays).read_bytes()
    path = tmp_path / "damaged.npz"
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        with pytest.raises(ResultFileError, match=r"damaged\.npz"):
            reading.read_npz(path)
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            read = reading.read_npz(path)
        except ResultFileError:
            continue  # nothing else may come out
        # a byte of the archive's own bookkeeping (a date, a name): the arrays are whole
        found = {array.tobytes() for array in read.values()}
        assert found <= {np.asarray(a).tobytes() for a in arrays.values()}, place


def test_a_pickle_is_never_opened(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (pytest.fail, ("a pickle was opened",))

    np.savez(tmp_path / "bomb.npz", a=np.array([Bomb()], dtype=object))
    with pytest.raises(ResultFileError, match="plain arrays"):
        reading.read_npz(tmp_path / "bomb.npz")
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        storage.write_npz(tmp_path / "mine.npz", {"a": np.array([Bomb()], dtype=object)})
    assert not (tmp_path / "mine.npz").exists()


def test_what_is_no_archive_of_arrays_is_refused(tmp_path):
    np.save(tmp_path / "one.npy", np.arange(3))
    (tmp_path / "text.npz").write_text("hello")
    with zipfile.ZipFile(tmp_path / "zip.npz", "w") as archive:
        archive.writestr("readme.txt", "hello")
    for name in ("one.npy", "text.npz", "zip.npz", "absent.npz"):
        with pytest.raises(ResultFileError, match=name):
            reading.read_npz(tmp_path / name)


def test_provenance_says_what_made_the_numbers(monkeypatch):
    monkeypatch.setattr(storage.sys, "argv", ["/somewhere/bin/vi-lab", "compare", "coal"])
    record = storage.provenance()
    assert record["command"] == "vi-lab compare coal"
    monkeypatch.setattr(storage.sys, "argv", ["/somewhere/vi_lab/__main__.py", "compare", "coal"])
    assert storage.provenance()["command"] == "python -m vi_lab compare coal"
    assert record["numpy"] == np.__version__
    assert record.keys() == {"vi_lab", "python", "numpy", "scipy", "platform", "command"}


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("coal", "coal"),
        ("correlated rho=0.3", "correlated-rho=0.3"),
        ("coal a=[2, 2]", "coal-a=[2,2]"),
        ("coal a=[2, -2]", "coal-a=[2,-2]"),
        ("../../etc/passwd", "---..-etc-passwd"),
        (".vi-lab.lock", "-vi-lab.lock"),  # what is hidden is vi_lab's own
        (".x.0a1b2c3d.part", "-x.0a1b2c3d.part"),
        ("..", "--"),
        ("a\\b:c?\n", "a-b-c-"),
        ("", "-"),
        ("a\x1b[31m\x7fb\0c", "a-[31m-b-c"),  # control characters
        ("a\x9b31mb\u202egnp.\u200b", "a-31mb-gnp.-"),  # and what turns letters round
        ("می\u200cخواهم", "می\u200cخواهم"),  # what keeps two apart belongs to a word
        ("\ud800x", "-x"),  # half a letter
        ("e\u0301", "\u00e9"),  # as one letter, which systems take for the same
        ("ends.", "ends-"),  # a dot that Windows drops
        ("NUL", "_NUL"),  # devices of Windows
        ("com1.txt", "_com1.txt"),
        ("conin$", "_conin$"),
        ("nullity", "nullity"),
    ],
)
def test_a_name_becomes_one_of_a_file(name, file, tmp_path):
    assert file_names.file_name(name) == file
    (tmp_path / file_names.file_name(name)).mkdir()  # in this folder, and in no other
    assert [p.name for p in tmp_path.iterdir()] == [file]


def test_what_killed_writers_leave_is_removed_and_nothing_else(tmp_path):
    (tmp_path / ".it.csv.0a1b2c3d.part").write_text("half")
    (tmp_path / ".link.0a1b2c3d.part").symlink_to(tmp_path / ".x.0a1b2c3d.part")
    (tmp_path / ".x.0a1b2c3d.part").mkdir()
    storage.clear(tmp_path)
    assert os.listdir(tmp_path) == [".x.0a1b2c3d.part"]


def test_long_names_differ_still():
    one, two = (file_names.file_name("x" * 5000 + end) for end in "ab")
    assert one != two and len(one) < 120
    for letter in ("日", "\U0001f600"):  # of three and four bytes
        assert len(file_names.file_name(90 * letter).encode()) < 120


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(2**31 + 1)  # a hole, of no block
    with pytest.raises(ResultFileError, match=r"large: its 2,147,483,649 bytes are more than the"):
        reading.read_bytes(path)
    assert reading.read_bytes(storage.write_bytes(tmp_path / "small", b"abc"), most=3) == b"abc"
    with pytest.raises(ResultFileError, match="are more than the 2 that are read"):
        reading.read_bytes(tmp_path / "small", most=2)
    for bad in ("a\0b", "x" * 5000):
        with pytest.raises(ResultFileError, match="cannot read"):
            reading.read_whole(bad)


@pytest.mark.skipif(os.name != "posix", reason="folders are synced there alone")
@pytest.mark.parametrize("code", [errno.EBADF, errno.EINVAL, errno.EIO])
def test_a_folder_that_is_not_synced_is_no_fault_but_a_broken_disk_is(tmp_path, monkeypatch, code):
    def sync(handle, true=os.fsync):
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(code, "not a file")
        true(handle)

    monkeypatch.setattr(storage.os, "fsync", sync)
    if code == errno.EIO:
        with pytest.raises(ResultFileError, match="not a file"):
            storage.write_bytes(tmp_path / "a", b"1")
    else:
        assert storage.write_bytes(tmp_path / "a", b"1").read_bytes() == b"1"
