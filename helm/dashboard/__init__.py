"""The Grafana dashboard, declared in Python.

A module for each row; each panel's description says what to do when it looks bad. ``grafana`` turns them into JSON.
"""
