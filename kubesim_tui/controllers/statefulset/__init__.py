"""statefulset-controller: Pods with a number, a name that stays, and storage of their own."""
