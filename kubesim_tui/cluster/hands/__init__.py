"""The hand that strikes: faults.hand.Hand over a cluster. Through the API where anybody could, else on the world."""

from __future__ import annotations

from kubesim_tui.cluster.hands.api import ApiHand
from kubesim_tui.cluster.hands.applications import ApplicationsHand
from kubesim_tui.cluster.hands.cloud import CloudHand
from kubesim_tui.cluster.hands.identities import IdentitiesHand
from kubesim_tui.cluster.hands.machines import MachineHand
from kubesim_tui.cluster.hands.network import NetworkHand
from kubesim_tui.cluster.hands.plane import PlaneHand
from kubesim_tui.cluster.hands.programs import ProgramsHand
from kubesim_tui.cluster.hands.shortages import ShortagesHand
from kubesim_tui.cluster.hands.strangers import StrangersHand
from kubesim_tui.cluster.hands.surroundings import SurroundingsHand
from kubesim_tui.cluster.hands.volumes import VolumesHand


class ClusterHand(
    ApiHand,
    ApplicationsHand,
    CloudHand,
    IdentitiesHand,
    MachineHand,
    NetworkHand,
    PlaneHand,
    ProgramsHand,
    ShortagesHand,
    StrangersHand,
    SurroundingsHand,
    VolumesHand,
):
    """All of it."""
