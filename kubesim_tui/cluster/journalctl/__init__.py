"""journalctl: what the services of a machine and its kernel have said. Static Pods have their say in crictl's logs."""
