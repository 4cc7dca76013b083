"""Sandboxes of Pods: their network, their names, and what containers in them are made with (kuberuntime_sandbox.go)."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import define

from kubesim_tui.api.frozen import FrozenMap, Json
from kubesim_tui.api.types import Container, Pod, PodSpec, Service
from kubesim_tui.apiserver.record import WARNING
from kubesim_tui.kubelet.container_config import Inputs, Mounted
from kubesim_tui.kubelet.cri import ATTEMPT, NAME, NAMESPACE, UID
from kubesim_tui.kubelet.host import Host
from kubesim_tui.kubelet.pod_workers import PodWorker
from kubesim_tui.world.config import HOSTS, RESOLV
from kubesim_tui.world.errors import CriError
from kubesim_tui.world.ipam import Exhausted

FAILED = "FailedCreatePodSandBox"
ANY = "0.0.0.0"


@define(eq=False)
class Sandboxes:
    """Makes and removes them."""

    host: Host

    def create(self, w: PodWorker, attempt: int, now: int) -> bool:
        """Make a sandbox with an address; False (and an event) if that fails."""
        pod, runtime = w.pod, self.host.cri.runtime
        assert pod.spec is not None
        try:
            ip = self._address(w)
        except Exhausted as exhausted:
            self._failed(w, f"failed to allocate for range 0: {exhausted}")
            return False
        meta = pod.metadata
        labels = FrozenMap({UID: meta.uid, NAME: meta.name, NAMESPACE: meta.namespace, ATTEMPT: str(attempt)})
        name = f"{meta.name}_{meta.namespace}"
        try:
            made = runtime.run_sandbox(
                name, hostname(pod), ip, now, labels, self._files(pod, ip), _mapped(pod.spec, self.host.ip)
            )
        except CriError as error:
            self._free(w, ip)
            self.host.events.pod(pod, WARNING, FAILED, f"Failed to create pod sandbox: {error}")
            return False
        self._collect(w, now)
        w.sandbox, w.attempt, w.ip = made, attempt, ip
        return True

    def _address(self, w: PodWorker) -> str:
        assert w.pod.spec is not None
        if w.pod.spec.host_network:
            return self.host.ip
        assert self.host.ipam is not None
        return self.host.ipam.allocate(w.uid)

    def _failed(self, w: PodWorker, why: str) -> None:
        id = w.uid.replace("-", "") * 2
        plugin = 'plugin type="ptp" name="kindnet" failed (add)'
        text = f'rpc error: code = Unknown desc = failed to setup network for sandbox "{id}": {plugin}: {why}'
        self.host.events.pod(w.pod, WARNING, FAILED, f"Failed to create pod sandbox: {text}")

    def _free(self, w: PodWorker, ip: str) -> None:
        if self.host.ipam is not None and w.pod.spec is not None and not w.pod.spec.host_network:
            self.host.ipam.free(ip)

    def _collect(self, w: PodWorker, now: int) -> None:
        """A new sandbox takes over: init containers run anew, so what is known of them goes (purgeInitContainers)."""
        runtime = self.host.cri.runtime
        assert w.pod.spec is not None
        init = {c.name for c in w.pod.spec.init_containers}
        for id in w.containers:
            container = runtime.containers.get(id)
            if container is not None and container.config.name in init:
                runtime.remove(id)
        w.containers = tuple(id for id in w.containers if id in runtime.containers)
        for old in w.old_sandboxes:
            runtime.remove_sandbox(old, now)
        w.containers = tuple(id for id in w.containers if id in runtime.containers)
        w.old_sandboxes = (w.sandbox,) if w.sandbox else ()

    def stop(self, w: PodWorker, now: int) -> None:
        """Give up the network of a Pod; its address stays in its status."""
        sandbox = self.host.cri.runtime.sandboxes.get(w.sandbox)
        if sandbox is not None and sandbox.ready:
            self.host.cri.runtime.stop_sandbox(w.sandbox, now)
            self._free(w, sandbox.ip)

    def remove(self, w: PodWorker, now: int) -> None:
        """The Pod is gone: remove all that is left of it in the runtime."""
        self.stop(w, now)
        for id in (*w.old_sandboxes, w.sandbox):
            if id in self.host.cri.runtime.sandboxes:
                self.host.cri.runtime.remove_sandbox(id, now)
        w.containers, w.old_sandboxes, w.sandbox = (), (), ""

    # -- containers

    def inputs(self, w: PodWorker, container: Container) -> Inputs:
        """What the configuration of a container is made of."""
        host, pod = self.host, w.pod
        held = host.cri.runtime.store.find(container.image)
        if held is None:
            raise CriError("NotFound", f'failed to resolve image "{container.image}": not found')
        mounted: dict[str, Mounted] = w.volumes.mounted if w.volumes is not None else {}
        services: tuple[Service, ...] = () if held.spec.known else host.objects.services(pod.metadata.namespace)
        return Inputs(host.env_source(pod, w.ip), mounted, held.spec, services, host.machine.memory_bytes)

    def _files(self, pod: Pod, ip: str) -> dict[str, str]:
        spec = pod.spec
        assert spec is not None
        text = self._resolv(pod)
        aliases: Json = spec.rest.get("hostAliases")
        if not aliases and not spec.subdomain:  # then it is the same for all Pods of a namespace
            return self.host.files.setdefault(text, {RESOLV: text})
        own = hostname(pod)
        if spec.subdomain:
            own = f"{own}.{spec.subdomain}.{pod.metadata.namespace}.svc.{self.host.cluster_domain}\t{own}"
        lines = [f"{ip}\t{own}", *(f"{a['ip']}\t{chr(9).join(a.get('hostnames', ()))}" for a in aliases or ())]
        hosts = "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n" + "\n".join(lines) + "\n"
        return {RESOLV: text, HOSTS: hosts}

    def _resolv(self, pod: Pod) -> str:
        """ClusterFirst asks the cluster's DNS with its search path; Default is the machine's own."""
        spec, namespace = pod.spec, pod.metadata.namespace
        assert spec is not None
        own: Json = spec.rest.get("dnsConfig") or {}
        policy = spec.dns_policy or "ClusterFirst"
        cluster = policy == "ClusterFirstWithHostNet" or (policy == "ClusterFirst" and not spec.host_network)
        key = f"{namespace}/{cluster}"
        known = self.host.resolv.get(key)
        if known is not None and not own:
            return known
        domain = self.host.cluster_domain
        servers = [self.host.cluster_dns] if cluster else ["" if policy == "None" else "169.254.169.253"]
        searches = [f"{namespace}.svc.{domain}", f"svc.{domain}", domain] if cluster else []
        options = ["ndots:5"] if cluster else []
        servers = [*filter(None, servers), *own.get("nameservers", ())]
        searches = [*searches, *own.get("searches", ())]
        options = _options(options, own.get("options", ()))
        text = (f"search {' '.join(searches)}\n" if searches else "") + "".join(f"nameserver {s}\n" for s in servers)
        text += f"options {' '.join(options)}\n" if options else ""
        if not own:
            self.host.resolv[key] = text
        return text


def _mapped(spec: PodSpec, node: str) -> Mapping[tuple[int, str], int] | None:
    """Ports of the node that lead to the Pod (hostPort): the CNI plug-in portmap sees to that."""
    asked = [p for c in spec.containers for p in c.ports if p.host_port and (p.host_ip or ANY) in (ANY, node)]
    if not asked or spec.host_network:
        return None
    return {(p.host_port or 0, p.protocol or "TCP"): p.container_port or 0 for p in asked}


def _options(base: list[str], more: Json) -> list[str]:
    """dnsConfig's options go over the standard ones of the same name."""
    named = {option.partition(":")[0]: option for option in base}
    for option in more:
        value = option.get("value")
        named[option["name"]] = option["name"] if value is None else f"{option['name']}:{value}"
    return list(named.values())


def hostname(pod: Pod) -> str:
    """What a Pod calls itself: its spec.hostname, or its name, at most 63 characters."""
    name = (pod.spec.hostname if pod.spec is not None else "") or pod.metadata.name
    return name[:63].rstrip("-.")
