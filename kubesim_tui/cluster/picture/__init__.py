"""The frozen View of now, painted from etcd, the machines and the traffic: a module for each thing that it shows."""
