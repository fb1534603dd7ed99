"""
The anchors: content whose digests every implementation knows.
"""

from __future__ import annotations

import pickle

from ocikit import media
from ocikit._records import evolve
from ocikit.content import empty
from ocikit.content.partial import image_of, index_of
from ocikit.spec.config import ConfigFile
from ocikit.spec.document import edit


def test_empty_image() -> None:
    """
    It is go-containerregistry's, so that what is built on it can be compared.
    """
    digest = "sha256:732112270d7e59418a8c080b134b24cabd67d250d0d0147a97ed95ba5c280aa4"
    assert str(empty.IMAGE.digest) == digest
    config = "sha256:5b943e2b943f6c81dbbd4e2eca5121f4fcc39139e3d1219d6d89bd925b77d9fe"
    assert str(empty.IMAGE.config.digest) == config
    assert empty.IMAGE.manifest.config == empty.IMAGE.config.descriptor
    assert empty.IMAGE.config.open().read() == empty.IMAGE.config_document.raw
    assert empty.IMAGE.config_file == ConfigFile()
    assert empty.IMAGE.media_type == media.DOCKER_MANIFEST


def test_empty_index() -> None:
    """
    An index of nothing is `[]`, and is what making one gives.
    """
    digest = "sha256:dff9de10919148711140d349bf03f1a99eb06f94b03e51715ccebfa7cdc518e2"
    assert str(empty.INDEX.digest) == digest
    assert index_of([]) == empty.INDEX


def test_empty_blob() -> None:
    """
    The empty descriptor of the image specification.
    """
    digest = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert str(empty.BLOB.digest) == digest
    assert empty.BLOB.size == 2


def test_what_grows_from_it_keeps_its_form() -> None:
    """
    Go's null of no diff IDs stays while nobody adds one.
    """
    document = edit(empty.IMAGE.config_document, lambda config: evolve(config, os="linux"))
    assert document.raw == empty.IMAGE.config_document.raw.replace(b'"os":""', b'"os":"linux"')


def test_made_from_nothing_is_written_with_a_list() -> None:
    """
    A new configuration of no layers says `[]`: null is not a list to every reader.
    """
    assert image_of(ConfigFile()).config.content.count(b'"diff_ids":[]') == 1


def test_constants_pickle() -> None:
    """
    They travel with what refers to them.
    """
    assert pickle.loads(pickle.dumps(empty.IMAGE)) == empty.IMAGE
    assert pickle.loads(pickle.dumps(empty.INDEX)) == empty.INDEX
