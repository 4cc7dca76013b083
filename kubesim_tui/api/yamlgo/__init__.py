"""YAML as kubectl reads and writes it: go-yaml v2 over PyYAML's scanner.

kubectl turns YAML into JSON with sigs.k8s.io/yaml, which is go-yaml v2 with its YAML 1.1 (``yes`` is true, ``0644`` is
420) and its own dialect (dates stay text, ``12:30`` is no number). PyYAML shares the scanner and grammar (both descend
from libyaml) but not what values mean. So PyYAML only delivers events here: `nodes` builds the tree, `values` says what
a plain scalar means, `build` makes JSON of the tree, `stream` cuts a file into documents, `gojson` reads JSON as Go
does, and `emit` writes YAML as ``kubectl get -o yaml`` does.
"""
