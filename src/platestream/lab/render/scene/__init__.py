"""A street with traffic, filmed: the clip of the demo, or others by seed.

Plates come near and go away, out of focus, smeared and in shade; a van's lettering and the
camera's clock are there to be taken for plates.

From the outside in: `film` shoots what `traffic` has pass through `street` (painted with
`surfaces`, furnished with `furniture`); `exposure` puts each vehicle into a frame. A `vehicle` is
the outline of its `shell`, covered with `bodywork` and `trim`. Below all lie `lens`, `light` and
`brush`.
"""

from platestream.lab.render.scene.film import Scene, render_scene, write_scene

__all__ = ["Scene", "render_scene", "write_scene"]
