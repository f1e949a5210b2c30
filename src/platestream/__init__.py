"""platestream reads licence plates from video."""
