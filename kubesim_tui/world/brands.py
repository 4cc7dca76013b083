"""Container runtimes by their makers: containerd, CRI-O, and Docker Engine behind cri-dockerd.

They do the same; they differ in names, in their socket, and in the words with which a pull fails. All of that is here,
as data. In the words `{name}` is the whole name of an image, `{repository}`, `{version}` and `{host}` are its parts,
`{short}` is what Docker calls it, `{address}` where its registry is.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from kubesim_tui.world.shared import Shared

LIMIT = "You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit"
_MANIFEST = "https://{host}/v2/{path}/manifests/{version}"
_STATUS = f"unexpected status from HEAD request to {_MANIFEST}"
_PULL = 'failed to pull and unpack image "{name}"'
_RESOLVE = f'{_PULL}: failed to resolve reference "{{name}}"'
_DENIED = "pull access denied, repository does not exist or may require authorization"
_DAEMON = "Error response from daemon"
_READING = "initializing source docker://{name}: reading manifest {version} in {repository}"
_PINGING = 'initializing source docker://{name}: pinging container registry {host}: Get "https://{host}/v2/"'


@frozen
class Brand(Shared):
    """One of them. `scheme` begins ids of containers and the version that a Node shows."""

    name: str
    scheme: str
    version: str
    process: str
    socket: str
    pulls: Mapping[str, str]  # what went wrong → the words


CONTAINERD = Brand(
    "containerd",
    "containerd",
    "2.1.4",
    "containerd",
    "/run/containerd/containerd.sock",
    {
        "not-found": f"{_RESOLVE}: {{name}}: not found",
        "denied": f"{_RESOLVE}: {_DENIED}: server message: insufficient_scope: authorization failed",
        "anonymous": f"{_RESOLVE}: {_DENIED}: authorization failed: no basic auth credentials",
        "unauthorized": f"{_RESOLVE}: {_STATUS}: 401 Unauthorized",
        "forbidden": f"{_RESOLVE}: {_STATUS}: 403 Forbidden",
        "limited": f"{_RESOLVE}: {_STATUS}: 429 Too Many Requests\ntoomanyrequests: {LIMIT}",
        "no-host": f'{_RESOLVE}: failed to do request: Head "{_MANIFEST}": dial tcp: lookup {{host}}: no such host',
        "timeout": f'{_RESOLVE}: failed to do request: Head "{_MANIFEST}": dial tcp {{address}}: i/o timeout',
        "interrupted": f"{_PULL}: failed to copy: httpReadSeeker: failed open: failed to do request: "
        'Get "https://{host}/v2/{path}/blobs/": dial tcp {address}: i/o timeout',
        "no-space": f"{_PULL}: failed to extract layer: write: no space left on device",
    },
)
CRI_O = Brand(
    "cri-o",
    "cri-o",
    "1.37.0",
    "crio",
    "/var/run/crio/crio.sock",
    {
        "not-found": f"{_READING}: manifest unknown",
        "denied": f"{_READING}: requested access to the resource is denied",
        "anonymous": f"{_READING}: unauthorized: authentication required",
        "unauthorized": "initializing source docker://{name}: unable to retrieve auth token: "
        "invalid username/password: unauthorized: authentication required",
        "forbidden": f"{_READING}: denied: requested access to the resource is denied",
        "limited": f"{_READING}: toomanyrequests: {LIMIT}",
        "no-host": f"{_PINGING}: dial tcp: lookup {{host}}: no such host",
        "timeout": f"{_PINGING}: dial tcp {{address}}: i/o timeout",
        "interrupted": "copying system image from manifest list: writing blob: happened during read: "
        "dial tcp {address}: i/o timeout",
        "no-space": "copying system image from manifest list: writing blob: storing blob to file: "
        "write /var/tmp/storage: no space left on device",
    },
)
DOCKER = Brand(
    "docker",
    "docker",
    "28.5.1",
    "cri-dockerd",
    "/run/cri-dockerd.sock",
    {
        "not-found": f"{_DAEMON}: manifest for {{short}} not found: manifest unknown: manifest unknown",
        "denied": f"{_DAEMON}: pull access denied for {{bare}}, repository does not exist or may require "
        "'docker login': denied: requested access to the resource is denied",
        "anonymous": f'{_DAEMON}: Head "{_MANIFEST}": no basic auth credentials',
        "unauthorized": f'{_DAEMON}: Head "{_MANIFEST}": unauthorized: authentication required',
        "forbidden": f'{_DAEMON}: Head "{_MANIFEST}": denied: requested access to the resource is denied',
        "limited": f"{_DAEMON}: toomanyrequests: {LIMIT}",
        "no-host": f'{_DAEMON}: Get "https://{{host}}/v2/": dial tcp: lookup {{host}}: no such host',
        "timeout": f'{_DAEMON}: Get "https://{{host}}/v2/": net/http: request canceled while waiting for connection '
        "(Client.Timeout exceeded while awaiting headers)",
        "interrupted": f'{_DAEMON}: Get "https://{{host}}/v2/": dial tcp {{address}}: i/o timeout',
        "no-space": "failed to register layer: write: no space left on device",
    },
)
BRANDS: Mapping[str, Brand] = {brand.name: brand for brand in (CONTAINERD, CRI_O, DOCKER)}
