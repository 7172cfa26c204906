"""From bytes to reports: formats (pure), transports (bytes only), and the edge that joins them."""
