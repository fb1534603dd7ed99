"""
All that this project says of its pipeline: it is a good one, and takes no label away.
"""

from hypothesis import given
from hypothesis import strategies as st
from shipyard import ready

from ocikit.content.empty import IMAGE
from ocikit.spec.descriptor import Descriptor
from ocikit.testing import laws
from ocikit.testing import strategies as oci


@laws.hold(laws.deterministic, laws.idempotent, laws.pure, laws.lazy, laws.valid)
def test_it_is_a_good_pipeline(image):
    return ready(image, "1")


@given(image=oci.images())
def test_labels_stay(image):
    before, after = (each.config_file.config.labels for each in (image, ready(image, "1")))
    assert before.keys() <= after.keys(), f"labels lost: {sorted(before.keys() - after.keys())}"


@given(descriptor=st.from_type(Descriptor))
def test_types_are_known(descriptor):
    assert descriptor.size >= 0


def test_it_can_be_pushed(oci_registry):
    image = ready(IMAGE, "1")
    oci_registry.flush("app:1", image)
    assert oci_registry.load("app:1") == image
