"""
What holds of all that is read: it says what it said, member by member and byte by byte.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any, Final

from hypothesis import strategies as st

from ocikit import media
from ocikit.content.blob import Blob, of_bytes
from ocikit.content.image import Content, Image, Index
from ocikit.content.partial import artifact, index_of
from ocikit.digest import Digest
from ocikit.testing import documents, samples
from ocikit.testing.contract import needs, share
from ocikit.testing.contracts_using import Using

#: A subject that is nowhere.
_NOWHERE: Final = samples.described(b"nowhere", media.OCI_MANIFEST)
_ODD: Final = {
    "é": "ü — 日本 🐧",
    "a.b/c": "",
    "html": "<a href='x'>&amp;</a>",
    "lines": "one\ntwo\t\x7f",
    "escaped": "\u2028 \\u0041 %41 ${HOME}",
    "": "no key",
}


_ANYTHING: Final[st.SearchStrategy[Any]] = st.sampled_from(
    [None, [], {}, "é\n", {"y": [1, None]}, 2**60, -1.5e-7]
)


class Documents(Using):
    """
    Documents come back to the byte, and so with all that they say.
    """

    @needs("documents")
    @share(4)
    def law_documents_are_kept_however_they_are_written(self, data: st.DataObject) -> None:
        """
        Spaces, the order of members, and members that nobody knows are a person's own.
        """
        layer = samples.layer("a")
        said: dict[str, Any] = {"x-vendor": data.draw(_ANYTHING), "annotations": None}
        config = samples.odd({**samples.configured(layer), **said})
        members = [*samples.manifest(layer, config=config).items(), *said.items()]
        written = samples.odd(dict(data.draw(st.permutations(members))))
        image = samples.document(written, media.OCI_MANIFEST, [config, samples.data(layer)])
        with self.place() as folder:
            assert samples.raw(self.back(folder, image)) == written

    @needs("documents")
    @share(4)
    def law_annotations_are_kept(self, data: st.DataObject) -> None:
        """
        Whatever they say.
        """
        said = {**dict(data.draw(documents.annotations())), **_ODD}
        with self.place() as folder:
            image = self.image(folder, samples.by_hand(samples.layer("a"), annotations=said))
            assert dict(image.manifest.annotations) == said

    @needs("documents")
    def test_unknown_members_of_a_manifest_are_kept(self, tmp_path: Path) -> None:
        """
        Also of its descriptors, and those that are not objects.
        """
        layer = samples.layer("a")
        listed = samples.described(samples.data(layer), layer.media_type, x={"y": [1, None]})
        written = {**samples.manifest(layer), "layers": [listed], "x-vendor": 1e3}
        parts = [samples.config_of(layer), samples.data(layer)]
        image = self.image(tmp_path, samples.document(written, media.OCI_MANIFEST, parts))
        assert json.loads(image.document.raw) == written
        assert image.layers[0].descriptor.extra == {"x": {"y": [1, None]}}

    def test_unknown_members_of_a_configuration_are_kept(self, tmp_path: Path) -> None:
        """
        A configuration is named by its digest: none of it may be lost.
        """
        layer = samples.layer("a")
        config = json.dumps(
            {"x": [{}], **samples.configured(layer), "config": {"Y": 0, "Labels": None}}
        ).encode()
        assert self.image(tmp_path, samples.by_hand(layer, config=config)).config.content == config

    @needs("documents")
    def test_explicit_nothing_is_kept(self, tmp_path: Path) -> None:
        """
        A list that is null or empty is another than one that is not there.
        """
        written = samples.by_hand(annotations=None, x=[], subject=None)
        assert samples.raw(self.back(tmp_path, written)) == samples.raw(written)

    @needs("documents")
    def test_a_manifest_need_not_say_what_it_is(self, tmp_path: Path) -> None:
        """
        The member `mediaType` came late to OCI's manifests.
        """
        layer = samples.layer("a")
        written = samples.manifest(layer)
        del written["mediaType"]
        parts = [samples.config_of(layer), samples.data(layer)]
        self.back(tmp_path, samples.document(written, media.OCI_MANIFEST, parts))

    def test_a_large_configuration_is_whole(self, tmp_path: Path) -> None:
        """
        One of 300 kB is read in more than one piece.
        """
        labels = {f"label{number}": "x" * 100 for number in range(2500)}
        config = samples.configured(config={"Labels": labels})
        image = self.image(tmp_path, samples.by_hand(config=config))
        assert image.config_file.config.labels == labels

    @needs("documents")
    def test_dockers_types_stay_dockers(self, tmp_path: Path) -> None:
        """
        Nothing is converted on the way.
        """
        layer = samples.layer("d", docker=True)
        config = samples.config_of(layer)
        written = {
            **samples.manifest(layer),
            "mediaType": media.DOCKER_MANIFEST,
            "config": samples.described(config, media.DOCKER_CONFIG),
        }
        parts = [config, samples.data(layer)]
        image = self.image(tmp_path, samples.document(written, media.DOCKER_MANIFEST, parts))
        assert image.config.media_type == media.DOCKER_CONFIG
        assert image.layers[0].media_type == media.DOCKER_LAYER_GZIP

    @needs("documents")
    def test_data_within_a_descriptor_is_kept(self, tmp_path: Path) -> None:
        """
        And it is base64 of the blob (descriptor.md, "Embedded Content").
        """
        config = samples.config_of()
        inline = base64.b64encode(config).decode()
        listed = samples.described(config, media.OCI_CONFIG, data=inline)
        written = {**samples.manifest(), "config": listed}
        image = self.image(tmp_path, samples.document(written, media.OCI_MANIFEST, [config]))
        assert image.config.descriptor.data == config

    @needs("documents")
    def test_a_subject_is_kept(self, tmp_path: Path) -> None:
        """
        It need not be there.
        """
        image = self.image(tmp_path, samples.by_hand(subject=_NOWHERE))
        assert image.manifest.subject is not None
        assert str(image.manifest.subject.digest) == _NOWHERE["digest"]

    @needs("foreign", "documents")
    def test_addresses_of_layers_are_kept(self, tmp_path: Path) -> None:
        """
        A layer that is not to be distributed says where else it is.
        """
        where = ["https://elsewhere.test/a?b=<c>", "https://mirror.test/a"]
        body = samples.data(samples.layer("w"))
        listed = samples.described(body, media.OCI_FOREIGN_LAYER_GZIP, urls=where)
        config = samples.config_of(samples.layer("w"))
        written = {**samples.manifest(config=config), "layers": [listed]}
        image = self.image(tmp_path, samples.document(written, media.OCI_MANIFEST, [config, body]))
        assert list(image.layers[0].descriptor.urls) == where

    @needs("artifacts")
    def test_a_configuration_may_be_anything(self, tmp_path: Path) -> None:
        """
        That of an artifact need be no JSON, nor text.
        """
        config = of_bytes(b"\x00\xff{not json", samples.UNKNOWN)
        files = [of_bytes(b"one", "text/plain")]
        image = self.image(tmp_path, artifact("application/x.test", files, config=config))
        assert (image.config.media_type, image.config.content) == (
            samples.UNKNOWN,
            b"\x00\xff{not json",
        )

    @needs("artifacts")
    def test_types_that_nobody_knows_are_kept(self, tmp_path: Path) -> None:
        """
        Files of an artifact, in their order.
        """
        files = [of_bytes(b"one", samples.UNKNOWN), of_bytes(b"two", "text/plain;a=b")]
        image = self.image(tmp_path, artifact(samples.UNKNOWN, files))
        assert image.artifact_type == samples.UNKNOWN
        assert [layer.media_type for layer in image.layers] == [samples.UNKNOWN, "text/plain;a=b"]

    @needs("artifacts")
    def test_one_blob_as_configuration_and_file(self, tmp_path: Path) -> None:
        """
        As of an artifact that has no file.
        """
        image = self.image(tmp_path, artifact("application/x.test"))
        assert image.config.digest == image.layers[0].digest

    @needs("artifacts", "sha512")
    def test_blobs_of_another_algorithm(self, tmp_path: Path) -> None:
        """
        A digest of sha512 names a blob as well as one of sha256, and beside it.
        """
        files = [of_bytes(b"one", "text/plain", "sha512"), of_bytes(b"one", "text/plain")]
        image = self.image(tmp_path, artifact("application/x.test", files))
        assert [layer.digest.algorithm for layer in image.layers] == ["sha512", "sha256"]


class Indexes(Using):
    """
    Indexes come back with all that they list, as they list it.
    """

    @needs("indexes")
    def test_an_index_of_nothing(self, tmp_path: Path) -> None:
        """
        It is one all the same.
        """
        assert self.indexed(tmp_path, index_of([])).children == ()

    @needs("indexes")
    def test_an_index_of_one_image_stays_an_index(self, tmp_path: Path) -> None:
        """
        Nobody asked for the image.
        """
        assert len(self.indexed(tmp_path, samples.index(samples.image("a"))).children) == 1

    @needs("indexes")
    def test_an_index_within_an_index(self, tmp_path: Path) -> None:
        """
        Three deep, each level its own document.
        """
        content: Content = self.indexed(tmp_path, samples.nested(3))
        for _ in range(3):
            assert isinstance(content, Index)
            content = content.children[0].content
        assert content == samples.image("deep")

    @needs("indexes")
    def test_an_image_beside_an_index_of_it(self, tmp_path: Path) -> None:
        """
        Once as a child, and once as a child's child.
        """
        image = samples.image("a")
        index = self.indexed(tmp_path, samples.index(samples.index(image), image))
        inner = index.children[0].content
        assert isinstance(inner, Index)
        assert inner.children[0].content == index.children[1].content == image

    @needs("indexes")
    def test_children_stay_in_their_order(self, tmp_path: Path) -> None:
        """
        Which is neither that of digests nor of platforms.
        """
        images = sorted((samples.image(str(n)) for n in range(5)), key=lambda i: str(i.digest))
        shuffled = [images[at] for at in (3, 0, 4, 2, 1)]
        index = self.indexed(tmp_path, samples.index(*shuffled))
        assert [child.content for child in index.children] == shuffled

    @needs("indexes")
    def test_one_image_for_two_platforms(self, tmp_path: Path) -> None:
        """
        One child that is listed twice is two children.
        """
        image = samples.image("a")
        listed = [
            samples.described(
                image.document.raw, image.media_type, platform={"os": "linux", "architecture": arch}
            )
            for arch in ("arm64", "amd64")
        ]
        index = self.indexed(tmp_path, samples.listing(listed, image))
        assert [str(each.descriptor.platform) for each in index.children] == [
            "linux/arm64",
            "linux/amd64",
        ]

    @needs("indexes")
    def test_platforms_are_kept_to_the_variant(self, tmp_path: Path) -> None:
        """
        With versions and features of systems.
        """
        image, platforms = samples.image("a"), samples.platforms()
        listed = [
            {
                "os": each.os,
                "architecture": each.architecture,
                "variant": each.variant,
                "os.version": each.os_version,
                "os.features": list(each.os_features),
            }
            for each in platforms
        ]
        described = [
            samples.described(image.document.raw, image.media_type, platform=each)
            for each in listed
        ]
        index = self.indexed(tmp_path, samples.listing(described, image))
        assert tuple(child.descriptor.platform for child in index.children) == platforms

    @needs("indexes")
    def test_children_that_share_layers(self, tmp_path: Path) -> None:
        """
        Each has all of its own.
        """
        one, two = samples.image("base", "a"), samples.image("base", "b")
        index = self.indexed(tmp_path, samples.index(one, two))
        assert [child.content for child in index.children] == [one, two]

    @needs("indexes")
    def test_unknown_members_of_an_index_are_kept(self, tmp_path: Path) -> None:
        """
        Of its own, of its descriptors and of their platforms.
        """
        image = samples.image("a")
        platform = {"os": "linux", "architecture": "amd64", "x-libc": "musl"}
        listed = samples.described(
            image.document.raw, image.media_type, platform=platform, x={"y": 1}
        )
        index = self.indexed(tmp_path, samples.listing([listed], image, **{"x-vendor": [1]}))
        assert json.loads(index.document.raw)["x-vendor"] == [1]
        assert json.loads(index.document.raw)["manifests"] == [listed]

    @needs("indexes")
    def test_what_is_said_of_an_index_is_kept(self, tmp_path: Path) -> None:
        """
        Its annotations, its type, and what it is about.
        """
        said = {"annotations": _ODD, "artifactType": samples.UNKNOWN, "subject": _NOWHERE}
        index = self.indexed(tmp_path, samples.index(samples.image("a"), **said))
        assert dict(index.manifest.annotations) == _ODD
        assert index.artifact_type == samples.UNKNOWN
        assert index.manifest.subject is not None

    @needs("indexes")
    def test_a_list_of_dockers_stays_one(self, tmp_path: Path) -> None:
        """
        With the types of all that is in it.
        """
        self.back(tmp_path, index_of([samples.image("a")], docker=True))

    @needs("indexes", "artifacts")
    def test_a_child_of_a_type_that_nobody_knows(self, tmp_path: Path) -> None:
        """
        It is a blob, and comes along.
        """
        odd = of_bytes(b"odd", samples.UNKNOWN)
        found = self.indexed(tmp_path, samples.index(samples.image("a"), odd)).children[1].content
        assert isinstance(found, Blob)
        assert (found.content, found.media_type) == (b"odd", samples.UNKNOWN)

    @needs("indexes", "artifacts")
    def test_an_artifact_beside_what_it_is_about(self, tmp_path: Path) -> None:
        """
        As attestations lie beside their images.
        """
        image = samples.image("a")
        note = artifact("text/plain", [of_bytes(b"good", "text/plain")], subject=image.descriptor)
        found = self.indexed(tmp_path, samples.index(image, note)).children[1].content
        assert isinstance(found, Image)
        assert found.manifest.subject == image.descriptor

    @needs("indexes", "sha512")
    def test_a_child_of_another_algorithm(self, tmp_path: Path) -> None:
        """
        Documents, too, may be named by sha512.
        """
        written = json.dumps(samples.manifest()).encode()
        parts = [samples.config_of()]
        child = samples.document(written, media.OCI_MANIFEST, parts, algorithm="sha512")
        listed = samples.described(written, media.OCI_MANIFEST, algorithm="sha512")
        index = self.indexed(tmp_path, samples.listing([listed], child))
        found = index.children[0].content
        assert isinstance(found, Image)
        assert found.digest == Digest.of(written, "sha512")

    def indexed(self, folder: Path, content: Content) -> Index:
        """
        Write an index, and load it.
        """
        back = self.back(folder, content)
        assert isinstance(back, Index)
        return back
