"""The clip that `make demo` runs on (`lab.render.scene` with seed 22), and its true plates."""
