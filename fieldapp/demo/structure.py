"""What a project looks like: by project where the type alone would show the wrong thing, else by type."""

from collections.abc import Callable

from fieldapp.demo import building, earthwork, landscape
from fieldapp.demo.canvas import Canvas

Paint = Callable[[Canvas, float], None]

BY_PROJECT: dict[str, Paint] = {
    "P010": earthwork.tunnel,
    "P019": earthwork.pond_gauge,
    "P020": earthwork.pumping_station,
    "P021": earthwork.tank_yard,
    "P024": earthwork.tank_yard,
    "P026": earthwork.tank_yard,
    "P037": building.village,
    "P050": landscape.solar,
    "P051": landscape.pylons,
    "P052": landscape.chargers,
    "P056": building.village,
    "P057": earthwork.road,
    "P059": building.hall,
    "P060": landscape.chargers,
    "P062": landscape.quarry,
    "P063": earthwork.tank_yard,
    "P066": building.old_street,
    "P067": landscape.trail,
    "P068": building.reception,
    "P069": landscape.hillside,
    "P070": building.clinic,
}
BY_TYPE: dict[str, Paint] = {
    "road": earthwork.road,
    "bridge_tunnel": earthwork.bridge,
    "water": earthwork.dam,
    "utility": earthwork.trench,
    "school": building.school,
    "health": building.hospital,
    "housing": building.flats,
    "industry": building.hall,
    "rural": landscape.fields,
    "ecology": landscape.wetland,
    "culture": building.museum,
    "special_task": building.reception,
}
INDOORS: frozenset[Paint] = frozenset({building.reception})
