"""The SQL that people type: tables that are there afterwards, and the errors that MySQL gives."""

import pytest

from tests.world.builders import Box


@pytest.fixture(scope="module")
def box():
    found = Box()
    found.database = found.run("mysql:5.7", env={"MYSQL_ALLOW_EMPTY_PASSWORD": "1", "MYSQL_DATABASE": "shop"})
    return found


def typed(box: Box, query: str) -> str:
    """What `mysql -e` prints, errors included."""
    done = box.runtime.exec(box.database.id, ("mysql", "-e", query), box.now)
    return (done.stdout + done.stderr).rstrip("\n")


def test_rows_that_were_inserted_are_selected(box):
    typed(box, "CREATE DATABASE test; CREATE TABLE test.m (id INT, text VARCHAR(10));")
    typed(box, "INSERT INTO test.m VALUES (1, 'a;b'), (2, 'c'); INSERT INTO test.m (text) VALUES ('d')")
    assert typed(box, "select * from test.m") == "id\ttext\n1\ta;b\n2\tc\nNULL\td"
    assert typed(box, "SELECT text FROM test.m LIMIT 1; USE test; SELECT COUNT(*) FROM m") == "text\na;b\nCOUNT(*)\n3"
    assert typed(box, "use test; show tables") == "Tables_in_test\nm"
    assert "test" in typed(box, "SHOW DATABASES").splitlines()


def test_the_database_of_the_environment_is_in_use(box):
    typed(box, "CREATE TABLE orders (id INT)")
    assert typed(box, "INSERT INTO shop.orders VALUES (7); SELECT * FROM orders") == "id\n7"


ERRORS = [
    ("select * from nowhere.t", "ERROR 1049 (42000)"),
    ("select * from shop.absent", "ERROR 1146 (42S02)"),
    ("create database errors; create database errors", "ERROR 1007 (HY000)"),
    ("create table shop.t (a int); insert into shop.t values (1, 2)", "ERROR 1136 (21S01)"),
    ("create table shop.u (a int); select b from shop.u", "ERROR 1054 (42S22)"),
    ("start slave", "ERROR 1200 (HY000)"),
    ("nonsense", "ERROR 1064 (42000)"),
]


@pytest.mark.parametrize("query,error", ERRORS, ids=[row[0] for row in ERRORS])
def test_what_cannot_be_is_told_by_number(box, query, error):
    assert typed(box, query).splitlines()[-1].startswith(error)


def test_what_was_typed_lies_on_the_volume_and_goes_with_it():
    box = Box()
    box.database = box.run("mysql:5.7", env={"MYSQL_ALLOW_EMPTY_PASSWORD": "1"})
    typed(box, "create database a")
    volume, inside = box.database.files().volume("/var/lib/mysql")
    assert "database:a" in volume.journals[inside].values
    volume.remove(inside)
    assert volume.journals == {}
