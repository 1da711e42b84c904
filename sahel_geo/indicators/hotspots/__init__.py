"""Hot spots and clusters: Gi*, LISA, global measures, emerging hot spots, SCDi, DBSCAN, scans."""
