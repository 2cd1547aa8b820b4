"""What the dashboard shows.

Rows and panels are declared in modules of their own, each panel with what to do when it looks bad. ``grafana`` makes
Grafana's JSON of them, ``picture`` a picture with the data of a Prometheus.
"""
