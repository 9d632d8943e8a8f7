"""The development server: what `picoweb serve` does beside serving. Nothing of it is ever in a bundle."""
