"""What every panel is made of: cell-aware text, lines, bars, charts, and the painter that shows them."""
