"""What the cloud asks for a machine."""

from kubesim_tui.world.instance import GIB, made


def test_a_machine_costs_by_its_processors_and_its_memory():
    assert made("a", "z", 4_000, 16 * GIB).price_micro == 4 * 21_812 + 16 * 2_924


def test_one_that_may_be_taken_back_costs_less_than_a_third():
    steady, spot = (made("a", "z", 2_000, 8 * GIB, spot=spot).price_micro for spot in (False, True))
    assert spot == steady * 30 // 100
