"""Equal facts have equal fingerprints, and nothing else has."""

from hypothesis import assume, given
from hypothesis import strategies as st

from collector.domain.fingerprint import fingerprint

FACTS = st.dictionaries(
    st.text(max_size=10), st.one_of(st.text(max_size=20), st.integers(), st.none()), max_size=6
)


@given(facts=FACTS, data=st.data())
def test_the_order_of_facts_does_not_matter(facts, data):
    shuffled = dict(data.draw(st.permutations(list(facts.items()))))

    assert fingerprint(shuffled) == fingerprint(facts)


@given(one=FACTS, other=FACTS)
def test_other_facts_have_another_fingerprint(one, other):
    assume(one != other)

    assert fingerprint(one) != fingerprint(other)


@given(facts=FACTS)
def test_it_is_sixteen_hex_digits(facts):
    print_ = fingerprint(facts)

    assert len(print_) == 16
    assert set(print_) <= set("0123456789abcdef")


def test_it_never_changes_over_versions():
    """Stored fingerprints are compared with new ones: another way of hashing would begin every series anew."""
    assert fingerprint({"query": "up", "unit": "ms", "window": "1h"}) == "1527670cc8fb2610"
