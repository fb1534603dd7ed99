"""
Assertions of images, whose failures say what differs, or what is wrong and where.

    from ocikit.testing.assertions import assert_image, assert_same_files

    def test_release(image):
        assert_image(image).runs_as_nonroot().has_no_setuid().contains("app/run")
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NoReturn, TypeAlias

from ocikit import platforms
from ocikit._records import record
from ocikit.content.image import Content, Image
from ocikit.platforms import Platform
from ocikit.sizes import bytes_of
from ocikit.testing.hidden import hidden_secrets
from ocikit.testing.same import differing, differing_files
from ocikit.tree.filetree import File, FileTree, PathMissing, find, load
from ocikit.tree.globs import glob

_Test: TypeAlias = Callable[[File], bool]

_SETUID: Final = 0o6000
_WORLD_WRITABLE, _STICKY = 0o002, 0o1000
_ROOTS: Final = ("", "0", "root")
_SHOWN: Final = 10


def assert_same_image(left: Content, right: Content) -> None:
    """
    See that content is the same to the byte.

    Raises:
        AssertionError: it is not; the text says in which members and files.

    >>> from ocikit.content.empty import IMAGE
    >>> assert_same_image(IMAGE, IMAGE)
    """
    if left != right:
        raise AssertionError(f"content differs:\n{differing(left, right)}")


def assert_same_files(left: Image, right: Image, *, besides: tuple[str, ...] = ()) -> None:
    """
    See that containers see the same files, whatever layers they are in.

    Args:
        left: one image.
        right: the other.
        besides: globs of files that may differ.

    Raises:
        AssertionError: they do not; the text says which.

    >>> from ocikit.content.empty import IMAGE
    >>> assert_same_files(IMAGE, IMAGE)
    """
    if told := differing_files(left, right, besides):
        raise AssertionError(f"files differ:\n{told}")


def assert_image(image: Image) -> Expect:
    """
    Begin a chain of what is expected of an image; each link raises `AssertionError`.

    >>> from ocikit.content.empty import IMAGE
    >>> _ = assert_image(IMAGE).smaller_than("1kB").has_layers(at_most=0)
    """
    return Expect(image)


@record
class Expect:
    """
    What is expected of an image.
    """

    image: Image

    def runs_as_nonroot(self) -> Expect:
        """
        Its user is named, and is not root.

        >>> from ocikit.content.empty import IMAGE
        >>> assert_image(IMAGE).runs_as_nonroot()
        Traceback (most recent call last):
        AssertionError: the image runs as nobody in particular, which is root
        """
        user = self.image.config_file.config.user
        if user.partition(":")[0] in _ROOTS:
            _fail(f"runs as {user or 'nobody in particular'}, which is root")
        return self

    def has_no_setuid(self, *besides: str) -> Expect:
        """
        No file runs as its owner or group; `besides` are globs of those that may.

        >>> from ocikit.testing.building import file, image, layer
        >>> assert_image(image(layer(file("bin/su", mode=0o4755)))).has_no_setuid()
        Traceback (most recent call last):
        AssertionError: the image has what is set-user-ID or set-group-ID: bin/su (4755)
        """
        return self._no_file("set-user-ID or set-group-ID", _is_setuid, besides)

    def has_no_world_writable(self, *besides: str) -> Expect:
        """
        Nothing can be written by everybody, but folders like /tmp, which are sticky.

        >>> from ocikit.testing.building import file, image, layer
        >>> assert_image(image(layer(file("etc/x", mode=0o666)))).has_no_world_writable()
        Traceback (most recent call last):
        AssertionError: the image has what is writable by everybody: etc/x (0666)
        """
        return self._no_file("writable by everybody", _is_world_writable, besides)

    def contains(self, *patterns: str) -> Expect:
        """
        There is a file for each path or glob, as containers see it.

        >>> from ocikit.testing.building import file, image, layer
        >>> _ = assert_image(image(layer("etc/motd"))).contains("etc/motd", "etc/*")
        """
        tree = self._tree()
        if missing := [text for text in patterns if not _there(tree, text)]:
            _fail(f"has no {', '.join(missing)}")
        return self

    def lacks(self, *patterns: str) -> Expect:
        """
        There is no file for any path or glob, as containers see it.

        >>> from ocikit.testing.building import file, image, layer
        >>> _ = assert_image(image(layer("a"), layer(".wh.a"))).lacks("a", "**/*.pyc")
        """
        tree = self._tree()
        found = [file.path for text in patterns for file in glob(tree, text)]
        if found:
            _fail(f"has {_listed(found)}")
        return self

    def hides_no_secrets(self, *besides: str) -> Expect:
        """
        No lower layer has a secret that a later one removed or replaced.

        They still travel with the image. `besides` are globs of files that are none.

        >>> from ocikit.testing.building import file, image, layer
        >>> assert_image(image(layer("root/.netrc"), layer("root/.wh..netrc"))).hides_no_secrets()
        Traceback (most recent call last):
        AssertionError: the image hides what looks like secrets: layer 1 > root/.netrc ...
        """
        found = [str(each) for each in hidden_secrets(self.image) if not _any(each.path, besides)]
        if found:
            _fail(f"hides what looks like secrets: {_listed(found)}; leave them out of the layer")
        return self

    def smaller_than(self, size: str | int) -> Expect:
        """
        All that a pull brings is less than so much: bytes, or "50MB", "1.5 GiB".

        >>> from ocikit.testing.building import file, image, layer
        >>> _ = assert_image(image(layer("a"))).smaller_than("5kB")
        """
        total = self.image.size + self.image.config.size
        total += sum({layer.digest: layer.blob.size for layer in self.image.layers}.values())
        if total >= bytes_of(size):
            _fail(f"has {total:,} bytes, which is not less than {size}")
        return self

    def has_layers(self, *, at_most: int) -> Expect:
        """
        It has no more layers than these.

        >>> from ocikit.testing.building import file, image, layer
        >>> assert_image(image(layer("a"), layer("b"))).has_layers(at_most=1)
        Traceback (most recent call last):
        AssertionError: the image has 2 layers, more than 1
        """
        if len(self.image.layers) > at_most:
            _fail(f"has {len(self.image.layers)} layers, more than {at_most}")
        return self

    def is_for(self, platform: str | Platform) -> Expect:
        """
        It runs on a platform.

        >>> from ocikit.testing.building import file, image, layer
        >>> _ = assert_image(image(platform="linux/arm64")).is_for("linux/arm64")
        """
        wanted = platforms.parse(platform) if isinstance(platform, str) else platform
        own = self.image.platform
        if own is None or not platforms.satisfies(own, wanted):
            _fail(f"is for {own or 'no platform'}, not for {wanted}")
        return self

    def has_label(self, name: str, value: str | None = None) -> Expect:
        """
        It has a label, of this value unless that is None.

        >>> from ocikit.content.empty import IMAGE
        >>> from ocikit.mutate import labels
        >>> _ = assert_image(labels(IMAGE, set={"a": "b"})).has_label("a").has_label("a", "b")
        """
        labels = self.image.config_file.config.labels
        if name not in labels:
            _fail(f"has no label {name!r}")
        if value is not None and labels[name] != value:
            _fail(f"has the label {name}={labels[name]!r}, not {value!r}")
        return self

    def starts(self, *argv: str) -> Expect:
        """
        Its entrypoint and command begin so, and the program is there.

        >>> from ocikit.testing.building import file, image, layer
        >>> from ocikit.mutate import config
        >>> made = config(image(layer("app/run")), entrypoint=["/app/run"], cmd=["-v"])
        >>> _ = assert_image(made).starts("/app/run")
        """
        config = self.image.config_file.config
        told = (*config.entrypoint, *config.cmd)
        if told[: len(argv)] != argv:
            _fail(f"starts {list(told)}, not {list(argv)}")
        if told and told[0].startswith("/") and not _there(self._tree(), told[0]):
            _fail(f"starts {told[0]}, which is not there")
        return self

    def is_valid(self) -> Expect:
        """
        Every digest, size, diff ID and the history agree, and all layers can be read.

        >>> from ocikit.testing.building import file, image, layer
        >>> _ = assert_image(image(layer("a"))).is_valid()
        """
        from ocikit.query.validate import validate

        found = [str(each) for each in validate(self.image) if each.severity == "error"]
        if found:
            _fail(f"is not valid: {_listed(found)}")
        return self

    def _tree(self) -> FileTree:
        return load(self.image.layers)

    def _no_file(self, what: str, is_one: _Test, besides: tuple[str, ...]) -> Expect:
        found = [
            f"{file.path} ({file.entry.mode & 0o7777:04o})"
            for file in self._tree().files.values()
            if is_one(file) and not _any(file.path, besides)
        ]
        if found:
            _fail(f"has what is {what}: {_listed(found)}")
        return self


def _there(tree: FileTree, text: str) -> bool:
    if any(letter in text for letter in "*?["):
        return next(glob(tree, text), None) is not None
    try:
        find(tree, text)
    except PathMissing:
        return False
    return True


def _is_setuid(file: File) -> bool:
    return file.kind == "file" and bool(file.entry.mode & _SETUID)


def _is_world_writable(file: File) -> bool:
    mode = file.entry.mode
    sticky = file.kind == "directory" and mode & _STICKY
    return file.kind != "symlink" and bool(mode & _WORLD_WRITABLE) and not sticky


def _any(path: str, patterns: tuple[str, ...]) -> bool:
    from ocikit.tree.globs import expression

    return any(expression(pattern).fullmatch(path) for pattern in patterns)


def _listed(found: list[str]) -> str:
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return ", ".join(found[:_SHOWN]) + more


def _fail(text: str) -> NoReturn:
    raise AssertionError(f"the image {text}")
