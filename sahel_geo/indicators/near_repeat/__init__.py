"""Pairs of incidents near in space and time: Knox tables and K-functions."""
