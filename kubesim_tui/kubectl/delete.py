"""kubectl delete: ask for deletions, then wait until the objects are gone (a job), unless --wait=false."""

from __future__ import annotations

from attrs import evolve

from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.apiserver.request import Options
from kubesim_tui.kubectl import builder, discovery, files, jobs
from kubesim_tui.kubectl.apply import with_source
from kubesim_tui.kubectl.deletion import cascade, in_namespace
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import Fail, error
from kubesim_tui.kubectl.info import Info
from kubesim_tui.kubectl.jobs import Gone

NO_WAIT = (
    "Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The "
    "resource may continue to run on the cluster indefinitely."
)


def run(env: Env) -> None:
    """The command."""
    flags = env.flags
    options = _options(env)
    infos, failures = _chosen(env)
    ignore = flags["ignore-not-found"] or (bool(flags["all"]) and not flags.given("ignore-not-found"))
    if ignore:
        failures = [f for f in failures if not (isinstance(f, StatusError) and f.reason == "NotFound")]
    deleted: list[tuple[Info, str]] = []
    if flags["interactive"] and not _confirmed(env, infos):
        return
    for info in infos:
        try:
            uid = _delete(env, info, options)
        except StatusError as refused:
            if not (ignore and refused.reason == "NotFound"):
                failures.append(with_source(refused, "deleting", info.source) if info.source else refused)
            continue
        if uid:
            deleted.append((info, uid))
    if not infos and not failures and not files.named(env):
        env.say("No resources found")
    if deleted and flags["wait"] and env.dry_run() == "none":
        env.job = Gone.of(env, deleted, jobs.deadline(env))
    builder.finish(failures)


def _confirmed(env: Env, infos: list[Info]) -> bool:
    """Whether standard input agrees to the deletions."""
    env.say(f"You are about to delete the following {len(infos)} resource(s):")
    for info in infos:
        env.say(info.label)
    try:
        answer = env.terminal.read("-").strip().lower()
    except OSError:
        answer = ""
    if answer in ("y", "yes"):
        env.say("Do you want to continue? (y/N): ")
        return True
    env.say("Do you want to continue? (y/N): deletion is cancelled")
    return False


def _chosen(env: Env) -> tuple[list[Info], list[ApiError | Fail]]:
    flags = env.flags
    if files.named(env):
        return files.read(env, "delete")
    if not flags.args:
        raise error(builder.MUST_PROVIDE)
    if flags["all"] and flags.text("selector"):
        raise error("setting 'all' parameter but found a non empty selector. ")
    if flags["all"] and flags.text("field-selector"):
        raise error("cannot set --all and --field-selector at the same time")
    wanted = builder.arguments(env, flags.args, select_all=bool(flags["all"]))
    if flags["all"] and not wanted.types:
        raise error("name cannot be provided when a selector is specified")
    return builder.collect(builder.visit(env, wanted, fetch=False))


def _options(env: Env) -> Options:
    """Grace period and propagation, with upstream's rules for --now, --force and 0."""
    flags = env.flags
    grace = flags["grace-period"]
    if flags["now"]:
        if grace != -1:
            raise error("--now and --grace-period cannot be specified together")
        grace = 1
    if flags["force"] and grace < 0:
        grace = 0
    if grace == 0 and not flags["force"]:
        grace = 1
    if flags["force"] and grace > 0:
        raise error("--force and --grace-period greater than 0 cannot be specified together")
    if flags["force"]:
        env.warn(NO_WAIT)
    propagation = cascade(env)
    return evolve(env.options(), grace=None if grace < 0 else grace, propagation=propagation)


def _delete(env: Env, info: Info, options: Options) -> str:
    """Delete one object and say so; its uid if it is not gone at once."""
    live = env.get(info.resource, info.namespace, info.name) if info.object is None else info.object
    gone = True
    if env.dry_run() != "client":
        gone = env.delete(info.resource, info.namespace, info.name, options)
    _say(env, info)
    return "" if gone else live.metadata.uid


def _say(env: Env, info: Info) -> None:
    if env.flags.text("output") == "name":
        env.say(info.label)
        return
    done = "force deleted" if env.flags["force"] else "deleted"
    dry = {"client": " (dry run)", "server": " (server dry run)"}.get(env.dry_run(), "")
    env.say(f'{discovery.label(info.resource)} "{info.name}" {done}{in_namespace(info)}{dry}')
