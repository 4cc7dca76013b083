"""Regular expressions as Go has them (RE2): no pattern can stall the game.

`syntax` reads a pattern into a tree, `program` makes instructions of it, `machine` runs them: the time grows with text
times pattern, never beyond (a Thompson automaton instead of backtracking), which is why there are no back references
and no looking around. What a pattern means, and the words in which it is refused, are those of Go's package regexp.
"""

from kubesim_tui.kernel.regex.machine import Match as Match
from kubesim_tui.kernel.regex.machine import Pattern as Pattern
from kubesim_tui.kernel.regex.machine import compiled as compiled
from kubesim_tui.kernel.regex.syntax import RegexError as RegexError
