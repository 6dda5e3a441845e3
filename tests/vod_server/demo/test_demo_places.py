from collections import Counter

from vod_server.demo.places import COUNTY_CODE, PILOT_VILLAGE_CODE, PLACES


def test_the_county_has_its_towns_villages_and_departments():
    kinds = Counter(place.kind for place in PLACES)
    assert kinds == {"county": 1, "town": 6, "village": 32, "department": 6}


def test_liuhe_has_seven_villages_and_every_other_town_five():
    names = {place.code: place.name for place in PLACES}
    villages = Counter(names[p.parent_code] for p in PLACES if p.kind == "village")
    assert villages.pop("柳河镇") == 7
    assert set(villages.values()) == {5}


def test_codes_and_names_are_unique():
    assert len({place.code for place in PLACES}) == len(PLACES)
    assert len({place.name for place in PLACES}) == len(PLACES)


def test_codes_have_the_national_shape_below_99_and_nest_like_the_places():
    length = {"county": 6, "town": 9, "department": 9, "village": 12}
    for place in PLACES:
        assert place.code.isdigit()
        assert place.code.startswith("99")
        assert len(place.code) == length[place.kind]
        assert place.parent_code is None or place.code.startswith(place.parent_code)


def test_every_parent_comes_before_its_own():
    seen: set[str | None] = {None}
    for place in PLACES:
        assert place.parent_code in seen
        seen.add(place.code)
    assert COUNTY_CODE in seen


def test_the_pilot_village_is_liuwan_in_liuhe():
    places = {place.code: place for place in PLACES}
    village = places[PILOT_VILLAGE_CODE]
    assert (village.name, places[village.parent_code].name) == ("柳湾村", "柳河镇")
