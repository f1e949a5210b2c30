"""What holds for all tests."""

from hypothesis import settings

# A busy machine is no bug: how long things take is measured in bench/.
settings.register_profile("platestream", deadline=None)
settings.load_profile("platestream")
