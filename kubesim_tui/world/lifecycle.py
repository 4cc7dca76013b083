"""How containers and their programs begin, change by themselves, and end.

Every future change is a timer of its container: begin, ready, retry, exit, gone, memory, script, kill (world/events.py
does what is due). Nothing is polled: a container that serves has no timer at all.
"""

from __future__ import annotations

from kubesim_tui.world import name_program, preflight, sending
from kubesim_tui.world.container import MOVES, Container, State
from kubesim_tui.world.logs import STDERR, STDOUT
from kubesim_tui.world.persistence import save
from kubesim_tui.world.program import Phase, Program
from kubesim_tui.world.replication.joining import join
from kubesim_tui.world.shell import scheduler
from kubesim_tui.world.shell.tasks import PROGRAM, Tasks
from kubesim_tui.world.template import expand
from kubesim_tui.world.units import SECOND_US, ceil_tick

KILLED = 137
CONSUMER = "consumer"
"""The role of containers whose programs take messages."""
POLLER = "poller"
"""The role of those whose programs list from the API server over and over."""
SENDER = "sender"
"""The role of those whose programs send requests of their own accord."""
FLOOD = 'level=debug msg="retrying" attempt=1'
SIGNALS = {"HUP": 1, "INT": 2, "QUIT": 3, "KILL": 9, "USR1": 10, "USR2": 12, "TERM": 15, "WINCH": 28}


# -- timers


def set_timer(container: Container, event: str, tick: int, number: int = 0) -> None:
    """Let an event happen in a tick; a later call moves it."""
    if container.timers is None:
        container.timers = {}
    container.timers[event, number] = tick


def clear_timer(container: Container, event: str, number: int = 0) -> None:
    """Forget an event."""
    if container.timers is not None:
        container.timers.pop((event, number), None)
        if not container.timers:
            container.timers = None


def next_change(container: Container) -> int | None:
    """The tick of the next change that comes by itself."""
    return min(container.timers.values()) if container.timers else None


# -- the container


def start(container: Container, main: Program | Tasks, now: int) -> None:
    """Start a container whose first process is known: a second later it runs at the latest, as CRI waits for it."""
    delay = main.spec.start_us if isinstance(main, Program) else 0
    if isinstance(main, Program):
        container.main = main
        container.programs = (main,)
    else:
        container.tasks = main
    if delay < SECOND_US:
        begin(container, now)
    else:
        set_timer(container, "begin", now + 1)


def fail(container: Container, code: int, message: str, now: int) -> None:
    """Its first process could not be executed."""
    container.state = MOVES[container.state, "fail"]
    container.started = container.finished = now
    container.exit_code, container.reason, container.message = code, "StartError", message
    container.changed()


def begin(container: Container, now: int) -> None:
    """Its first process runs."""
    container.state = MOVES[container.state, "begin"]
    container.started = now
    container.changed()
    if container.main is not None:
        launch(container, container.main, now)
    elif container.tasks is not None:
        wake_script(container, now)


def finish(container: Container, code: int, now: int, reason: str = "") -> None:
    """Its first process has ended, and with it everything in it."""
    if container.state is State.EXITED:
        return
    for program in container.programs:
        save(container, program, now, orderly=False)
        program.phase = Phase.GONE
    container.state = MOVES[container.state, "exit"]
    container.started = now if container.started is None else container.started
    container.finished = now
    container.exit_code = code
    container.reason = reason or ("Completed" if code == 0 else "Error")
    container.main, container.programs, container.timers = None, (), None
    container.tasks = container.sessions = None
    container.held_bytes = container.load.memory_bytes if container.load is not None else 0
    container.alone()
    container.own_load = container.leak = container.flood = container.ailment = None
    container.held = 0
    container.changed()


def kill(container: Container, now: int, reason: str = "") -> None:
    """SIGKILL to all of it."""
    finish(container, KILLED, now, reason)


def stop(container: Container, grace: int, now: int) -> None:
    """Its stop signal now, SIGKILL when the grace is over."""
    container.stopping = True
    if container.state is not State.RUNNING:
        finish(container, KILLED, now)
        return
    if grace > 0:
        signal(container, container.spec.stop_signal.removeprefix("SIG"), now)
    if container.state is State.RUNNING:
        if grace <= 0:
            kill(container, now)
        else:
            deadline = (container.timers or {}).get(("kill", 0), now + grace)
            set_timer(container, "kill", min(deadline, now + grace))
            container.changed()


def signal(container: Container, name: str, now: int) -> None:
    """Send a signal to its first process."""
    if name == "KILL":
        kill(container, now)
    elif container.main is not None:
        signal_program(container, container.main, name, now)
    elif container.tasks is not None:
        replaced = _replacement(container, container.tasks)
        if replaced is not None:
            signal_program(container, replaced, name, now, first=True)
        else:
            scheduler.signal(container.tasks, name)
        wake_script(container, now)


def _replacement(container: Container, tasks: Tasks) -> Program | None:
    """The program that a script has become by `exec`: it is the first process now."""
    first = tasks.first
    if first.wait != PROGRAM or first.tool is None or not first.tool.last:
        return None
    return next((one for one in container.programs if one.alive and one.task == first.pid and not one.session), None)


# -- programs


def launch(container: Container, program: Program, now: int) -> None:
    """Run a program: what it checks at its start, then what it prepares, then it listens."""
    program.since = now
    outcome = preflight.check(container, program, now)
    if outcome.code is not None:
        end_program(container, program, outcome.code, now, after_us=outcome.delay_us)
        return
    number = _number(container, program)
    for at in program.spec.exits[:1]:
        set_timer(container, "exit", now + at.after_us // SECOND_US, number)
    if program.spec.waits:
        set_timer(container, "retry", now, number)
    _turn_later(container, program, now, number)
    _prepare(container, program, outcome.delay_us, now)


def _turn_later(container: Container, program: Program, now: int, number: int) -> None:
    """Set a timer for the next time that one of its routes changes its status."""
    turns = {program.since + route.after_us // SECOND_US for route in program.spec.routes if route.after_us}
    later = [tick for tick in sorted(turns) if tick > now]
    if later:
        set_timer(container, "turn", min(later), number)


def turn(container: Container, number: int, now: int) -> None:
    """One of its routes answers differently from now on."""
    container.changed()
    _turn_later(container, container.programs[number], now, number)


def _prepare(container: Container, program: Program, delay_us: int, now: int) -> None:
    spec = program.spec
    whole = (spec.start_us + delay_us + spec.ready_us) * container.host.start_factor
    begun = SECOND_US if spec.start_us >= SECOND_US else 0  # that long ago its start began
    ready = now + ceil_tick(whole - begun)
    if all(wait.background for wait in spec.waits):
        set_timer(container, "ready", ready, _number(container, program))
    check_memory(container, now)


def retry(container: Container, number: int, now: int) -> None:
    """Try what the program waits for, one after the other."""
    program = container.programs[number]
    waits = program.spec.waits
    while program.waited < len(waits):
        wait = waits[program.waited]
        if not preflight.reached(container, program, wait, now):
            set_timer(container, "retry", now + max(1, ceil_tick(wait.every_us)), number)
            return
        program.waited += 1
    if program.phase is Phase.STARTING and not all(wait.background for wait in waits):
        set_timer(container, "ready", now + ceil_tick(program.spec.ready_us * container.host.start_factor), number)


def ready(container: Container, number: int, now: int) -> None:
    """The program listens from now on."""
    program = container.programs[number]
    listens = preflight.ports(container, program)
    taken = next((at for at in listens if container.host.neighbour(container.sandbox, at.port)), None)
    if taken is not None:
        scope = program.scope(container, now, {"bind": str(taken.port)})
        container.write_log(expand(program.spec.log.bind, scope), now, STDERR)
        end_program(container, program, 1, now)
        return
    if not sending.begins(container, program, now):
        end_program(container, program, program.code, now)
        return
    program.listens = listens
    program.phase = Phase.SERVING
    container.logged().add_lines(now, STDOUT, program.spec.log.ready, program)
    spec = program.spec
    roles = ((CONSUMER, spec.consumes), (POLLER, spec.polls), (SENDER, spec.sends), (spec.role, spec.role))
    for role in [role for role, has in roles if has]:
        container.host.pulse.begin(role, container)
    container.changed()
    if program.spec.replication is not None:
        join(container, program)
    if preflight.daemonizes(program):
        _become_daemon(container, program, now)


def files_changed(container: Container, now: int) -> bool:
    """Something in its volumes may be another. Whether somebody is there who looks for that now and then."""
    looking = [n for n, p in enumerate(container.programs) if p.corefile is not None and p.phase is Phase.SERVING]
    for number in looking:
        set_timer(container, "look", now, number)
    return bool(looking)


def look(container: Container, number: int, now: int) -> None:
    """A program looks whether its configuration has changed, if it is time for that."""
    program = container.programs[number]
    at = name_program.next_look(container, program, now)
    if at is not None and at > now:
        set_timer(container, "look", at, number)
    elif at is not None and preflight.reload(container, program, now):
        container.changed()
        if program.corefile is not None and program.corefile.loops is not None:
            end_program(container, program, 1, now)


def _become_daemon(container: Container, program: Program, now: int) -> None:
    """It forks into the background. As the first process that ends the container; a shell goes on."""
    if container.main is program:
        finish(container, 0, now)
    elif program.task:
        task, program.task = program.task, 0
        _tell(container, program, task, 0, now)


def _tell(container: Container, program: Program, task: int, code: int, now: int) -> None:
    """Tell the shell's task that waits for a program of its end."""
    tasks = (container.sessions or {}).get(program.session) if program.session else container.tasks
    if tasks is not None:
        tasks.program_ended(task, code)
        wake_script(container, now)


def signal_program(container: Container, program: Program, name: str, now: int, *, first: bool = False) -> None:
    """What a program does on a signal; the first process of a container ignores what it has no handler for."""
    first = first or container.main is program
    if name == "KILL":
        end_program(container, program, KILLED, now)
    elif name in ("HUP", "USR1", "USR2", "WINCH") and name != container.spec.stop_signal.removeprefix("SIG"):
        if name == "HUP" and program.phase is Phase.SERVING and preflight.reload(container, program, now):
            container.changed()
    elif program.spec.stop is None or program.phase is Phase.STARTING:
        if not first or program.spec.stop is not None:
            end_program(container, program, 128 + SIGNALS.get(name, 15) if program.spec.stop is None else 0, now)
    elif not program.spec.stop.ignores and program.phase is Phase.SERVING:
        program.phase = Phase.STOPPING
        container.logged().add_lines(now, STDOUT, program.spec.log.stop, program)
        container.changed()
        end_program(container, program, program.spec.stop.code, now, after_us=program.spec.stop.after_us, orderly=True)


def end_program(
    container: Container, program: Program, code: int, now: int, *, after_us: int = 0, orderly: bool = False
) -> None:
    """Let a program end, now or a little later."""
    program.code = code
    number = _number(container, program)
    for event in ("ready", "retry", "exit", "turn", "look"):
        clear_timer(container, event, number)
    if after_us >= SECOND_US:
        set_timer(container, "gone", now + after_us // SECOND_US, number)
    else:
        if orderly:
            save(container, program, now, orderly=True)
        gone(container, number, now)


def gone(container: Container, number: int, now: int) -> None:
    """The program is no more."""
    program = container.programs[number]
    if program.phase is Phase.GONE:
        return
    save(container, program, now, orderly=program.phase is Phase.STOPPING)
    program.phase = Phase.GONE
    if container.main is program:
        finish(container, program.code, now)
        return
    container.changed()
    if program.task:
        _tell(container, program, program.task, program.code, now)


def exit_by_itself(container: Container, number: int, now: int) -> None:
    """The program ends by itself, as its image says."""
    program = container.programs[number]
    at = program.spec.exits[0]
    container.logged().add_lines(now, STDERR if at.code else STDOUT, at.log, program)
    end_program(container, program, at.code, now)


def _number(container: Container, program: Program) -> int:
    return next(number for number, one in enumerate(container.programs) if one is program)


# -- scripts


def wake_script(container: Container, now: int) -> None:
    """Let the shell's processes have a turn in this tick (world/events.py gives it to them)."""
    set_timer(container, "script", now)


# -- memory


def leak(container: Container, bytes_a_second: int, now: int) -> None:
    """A fault: it loses so many bytes of memory a second from now on (0: no more, what is lost stays lost)."""
    if container.state is State.RUNNING:
        container.leak = (bytes_a_second, now) if bytes_a_second else None
        check_memory(container, now)


# -- disk


def flood(container: Container, bytes_a_second: int, path: str, now: int) -> None:
    """A fault: it writes so many bytes a second from now on, into a file or into its log (0: no more)."""
    container.flood = (bytes_a_second, path) if bytes_a_second else None
    if container.flood is not None:
        set_timer(container, "flood", now)
    else:
        clear_timer(container, "flood")


def write_flood(container: Container, now: int) -> None:
    """One second of it."""
    if container.flood is None or container.state is not State.RUNNING:
        return
    count, path = container.flood
    if path:
        files = container.files()
        volume, inside = files.volume(path)
        volume.grow(inside, count)
    else:
        container.logged().flood(now, STDERR, FLOOD, count)
    set_timer(container, "flood", now + 1)


def check_memory(container: Container, now: int) -> None:
    """Kill it if it is over its limit; if it leaks, compute when it will be."""
    clear_timer(container, "memory")
    if container.state is not State.RUNNING:
        return
    room = container.memory_limit_bytes - container.memory_bytes(now)
    if room < 0:
        kill(container, now, "OOMKilled")
    elif container.leak is not None:
        set_timer(container, "memory", now + room // container.leak[0] + 1)
