"""The network between a process and its ports: latency, outages and traces."""
