"""kubectl in the game: one line in, the real words out. Nothing is printed and nothing is read but through the caller.

    reply = run("get pods -A", client, terminal, now, Config(namespace="shop"))
    reply.out, reply.err, reply.code, reply.job, reply.config, reply.grids

A reply with a `job` goes on: after each tick call `job.poll(client, now)`, and print what it gives, until `done`.
Jobs are plain data: they can be copied with the cluster. `complete.complete(line, cursor, client, config)` gives words.

What kubectl asks of the node goes through the API server's subresources; `cluster` fills their handlers:

- `create pods/NAME/exec` and `attach` begin streams, which are asked again (`kubelet.streaming` says how);
- `get pods/NAME/log` with the body `{"container", "previous", "tailLines", "sinceSeconds", "sinceTick", "timestamps"}`
  (each may be missing) answers a list of (Unix second, text) lines; both refuse with a StatusError.
- `ApiServer.metrics` answers `top`, if a metrics server is installed. See docs/kubectl.md.
"""

from kubesim_tui.kubectl.main import run as run
from kubesim_tui.kubectl.result import Config as Config
from kubesim_tui.kubectl.result import Grid as Grid
from kubesim_tui.kubectl.result import Job as Job
from kubesim_tui.kubectl.result import Poll as Poll
from kubesim_tui.kubectl.result import Reply as Reply
from kubesim_tui.kubectl.result import Terminal as Terminal
