"""Scenes in which the ingress controller answers itself."""

from __future__ import annotations

from tests.boards import APP, Board, image
from tests.explain.scenes import asked, scene


def _with(**notes: str) -> Board:
    board = Board()
    board.app("web")
    board.route("shop.example.com", "web", notes={key.replace("_", "-"): value for key, value in notes.items()})
    board.settle()
    return asked(board)


@scene("source-range", "source-not-allowed", "ingress/web")
def an_ingress_for_some_addresses():
    return _with(whitelist_source_range="203.0.113.0/24")


@scene("unauthorized", "not-signed-in", "ingress/web")
def an_ingress_that_asks_who_it_is():
    board = Board()
    board.app("web")
    board.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "people"}, "data": {"auth": "YTpi"}})
    board.route("shop.example.com", "web", notes={"auth-type": "basic", "auth-secret": "people"})
    board.settle()
    return asked(board)


@scene("denied", "location-denied", "ingress/web")
def an_ingress_whose_secret_is_not_there():
    return _with(auth_type="basic", auth_secret="people")


@scene("no-leave", "auth-service-down", "ingress/web")
def an_ingress_that_asks_nobody_for_leave():
    return _with(auth_url="http://auth.default.svc.cluster.local/")


@scene("redirect", "redirected", "ingress/web")
def an_ingress_that_sends_everybody_away():
    return _with(permanent_redirect="https://elsewhere.example.com")


@scene("no-route", "ingress-refused", "ingress/web")
def an_ingress_with_a_snippet():
    return _with(configuration_snippet="return 200;")


@scene("too-large", "body-too-large", "ingress/web")
def an_ingress_for_small_bodies():
    board = Board()
    board.app("web")
    board.route("shop.example.com", "web", notes={"proxy-body-size": "64k"})
    board.settle()
    return asked(board, method="POST", body_bytes=65_537)


@scene("rate-limit", "rate-limit", "ingress/web")
def an_ingress_with_a_limit_by_address():
    return _with(limit_rps="1", limit_burst_multiplier="1")


@scene("connection-limit", "rate-limit", "ingress/web")
def an_ingress_with_a_limit_of_connections():
    slow = image("slow", text=APP.replace("service: 5ms", "service: 500ms"))
    board = Board(images=[slow])
    board.app("web", 4, "test/slow")
    board.route("shop.example.com", "web", notes={"limit-connections": "1"})
    board.settle()
    return asked(board)


@scene("wrong-protocol", "wrong-backend-protocol", "ingress/web")
def an_ingress_that_speaks_another_protocol():
    return _with(backend_protocol="HTTPS")


@scene("default-backend", "no-error-page", "ingress/web")
def an_ingress_without_a_page_for_its_errors():
    board = Board()
    board.app("web", 0)
    board.route("shop.example.com", "web", notes={"custom-http-errors": "503"})
    board.settle()
    return asked(board)
