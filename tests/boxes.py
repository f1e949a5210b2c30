"""Any box, for properties that hold for all."""

from hypothesis import strategies as st

from platestream.core.boxes import BoxXyxy


@st.composite
def boxes(draw: st.DrawFn) -> BoxXyxy:
    """A box of whole pixels, some of it perhaps left of or above the picture."""
    left, top = draw(st.integers(-20, 20)), draw(st.integers(-20, 20))
    return (left, top, left + draw(st.integers(1, 20)), top + draw(st.integers(1, 20)))
