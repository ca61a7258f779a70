"""Field trip with a planner.

A planner writes down facts and a plan, follows the progress before every turn, says who
does what, and gives the answer at the end.
"""

from studio.engine import Assistant, MoneyLimit, Planner, PracticeModel, Team, console

practice = PracticeModel(recording="field-trip")

routes = Assistant(
    name="routes",
    description="finds trains and times",
    system_message="""You find connections. Give times, changes and the price for \
the group. Say when you assume something.""",
)

budget = Assistant(
    name="budget",
    description="adds up what it costs",
    system_message="""You add up costs for a group and for each person, and \
compare them with the limit. Show the sum.""",
)

writer = Assistant(
    name="writer",
    description="writes the plan of the day",
    system_message="""You write the plan of a day from what the others found: \
time, place, what to bring. At most ten lines.""",
)

team = Team(
    name="Trip office",
    participants=[routes, budget, writer],
    selection=Planner(max_rounds=12),
    stop=MoneyLimit(dollars=1.0),
    model=practice,
)

if __name__ == "__main__":
    console(team)
