"""The in-tree plugins, one file each, under upstream's names."""
