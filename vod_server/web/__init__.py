"""HTTP: API for boxes, admin pages, uploads, the TV page. The only package that knows Flask."""
