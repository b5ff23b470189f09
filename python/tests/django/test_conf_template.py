from __future__ import annotations

import datetime
import uuid

import pytest

from airfleet.django.conf_template import ConfTemplateError, fill_conf
from tests.project.findingaids.models import FindingAid, Scan

AID = FindingAid(pk=7, ark='ark:/13030/"x"', repository_code="uci")
OTHER = FindingAid(pk=8, ark="ark:/2")


def test_keeps_the_type_of_a_value_that_stands_alone_and_spells_others() -> None:
    conf = fill_conf({"id": "{{ object.pk }}", "path": "s3://{{object.repository_code}}/{{ object.pk }}.xml"}, [AID])
    assert conf == {"id": 7, "path": "s3://uci/7.xml"}


def test_fills_nested_values_and_leaves_all_else_as_it_is() -> None:
    template = {"a": [{"ark": "{{ object.ark }}"}, 3, None, True], "b": "{ not a place }", "{{ object.pk }}": "key"}
    assert fill_conf(template, [AID]) == {
        "a": [{"ark": 'ark:/13030/"x"'}, 3, None, True],
        "b": "{ not a place }",
        "{{ object.pk }}": "key",
    }


def test_lists_what_is_said_of_all_objects_and_calls_methods() -> None:
    conf = fill_conf({"ids": "{{ objects.pk }}", "pages": "{{ objects.get_absolute_url }}"}, [AID, OTHER])
    assert conf == {"ids": [7, 8], "pages": ['/findaid/ark:/13030/"x"/', "/findaid/ark:/2/"]}


def test_writes_what_json_has_no_word_for_as_text() -> None:
    scan = Scan(id=uuid.UUID(int=5), title="t")
    scan.__dict__["at"] = datetime.date(2026, 11, 20)
    assert fill_conf({"id": "{{ object.pk }}", "at": "{{ object.at }}", "self": "{{ object }}"}, [scan]) == {
        "id": "00000000-0000-0000-0000-000000000005",
        "at": "2026-11-20",
        "self": "00000000-0000-0000-0000-000000000005",
    }


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("object.nothing", "has no 'nothing'"),
        ("object._meta", "has no '_meta'"),
        ("object.__class__", "has no '__class__'"),
        ("settings.SECRET_KEY", "begins with `object`"),
    ],
)
def test_refuses_a_path_that_leads_nowhere_or_inside(path: str, reason: str) -> None:
    with pytest.raises(ConfTemplateError, match=reason):
        fill_conf({"x": f"{{{{ {path} }}}}"}, [AID])


def test_refuses_to_choose_one_of_many() -> None:
    with pytest.raises(ConfTemplateError, match="about 2 objects"):
        fill_conf({"x": "{{ object.pk }}"}, [AID, OTHER])


def test_takes_a_function_instead() -> None:
    assert fill_conf(lambda objects: {"number": len(objects)}, [AID, OTHER]) == {"number": 2}
    assert fill_conf(None, [AID]) == {}
