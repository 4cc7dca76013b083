"""Databases of several members: who leads, who has what, and whether a write may be acknowledged.

An image's `replication` section says how its members find one another and what they wait for. They speak over the
world's links: what is cut, gone or unknown to DNS is not heard.
"""
