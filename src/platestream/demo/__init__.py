"""The clip that `make demo` runs on, drawn by `lab.render.scene` with seed 22, and its true plates."""
