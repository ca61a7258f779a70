"""Field trip with a planner.

A planner writes down facts and a plan, follows the progress before every turn, says who
does what, and gives the answer at the end.
"""

from studio.engine import Assistant, MoneyLimit, Planner, PracticeModel, Team, console

practice = PracticeModel(
    script={
        "Trip office": [
            (
                "Given: 24 pupils, one day, by train, to the sea, at most 20 EUR each. To "
                "look up: a connection and its group price. To work out: the sum for each. "
                "Guess: two teachers come along free of charge."
            ),
            """- routes finds a connection with the price for the group
- budget works out what each pays
- writer writes the plan of the day""",
            (
                '{"is_request_satisfied": false, "is_in_loop": false, '
                '"is_progress_being_made": true, "next_speaker": "routes", "instruction": '
                '"Find a train to the sea for 24 pupils and 2 teachers, there in the '
                'morning, back by six, with the group price.", "reason": "Nothing is known '
                'of the trains yet."}'
            ),
            (
                '{"is_request_satisfied": false, "is_in_loop": false, '
                '"is_progress_being_made": true, "next_speaker": "budget", "instruction": '
                '"The group ticket is 264 EUR. Add 4 EUR for the museum and 3 EUR for ice '
                'cream for each of 24 pupils, and compare with 20 EUR each.", "reason": "The '
                'connection is known, the cost for each is not."}'
            ),
            (
                '{"is_request_satisfied": false, "is_in_loop": false, '
                '"is_progress_being_made": true, "next_speaker": "writer", "instruction": '
                '"Write the plan of the day: 8:12 there, 16:40 back, museum at 11, beach '
                'from 12:30. 18 EUR each.", "reason": "Times and costs are known; the plan '
                'is to be written."}'
            ),
            (
                '{"is_request_satisfied": true, "is_in_loop": false, '
                '"is_progress_being_made": true, "next_speaker": "writer", "instruction": '
                '"", "reason": "The plan is there and fits the limit."}'
            ),
            (
                "The class takes the 8:12 to the sea and is back at 17:55. It costs 18 EUR "
                "for each of the 24 pupils: 11 EUR for the train, 4 EUR for the museum, 3 "
                "EUR for ice cream, 2 EUR below the limit. Museum at 11, beach from 12:30 to "
                "16:15. Bring sun cream, a towel, lunch, and a jacket for the evening."
            ),
        ],
        "routes": [
            (
                "There at 8:12, one change, arrival 9:40; back at 16:40, arrival 17:55. A "
                "group ticket for 24 pupils costs 264 EUR; I assume that two teachers travel "
                "free with it."
            )
        ],
        "budget": [
            (
                "264 EUR for 24 pupils are 11 EUR each. With 4 EUR for the museum and 3 EUR "
                "for ice cream that makes 18 EUR each, 432 EUR for all: 2 EUR each below the "
                "limit of 20 EUR."
            )
        ],
        "writer": [
            """8:00 meet at the station, 8:12 train, 9:40 arrival
11:00 museum
12:30 lunch and beach
16:15 pack up, 16:40 train, 17:55 back
Bring: sun cream, towel, lunch, a jacket
18 EUR each"""
        ],
    }
)

routes = Assistant(
    name="routes",
    description="finds trains and times",
    system_message=(
        "You find connections. Give times, changes and the price for the group. Say "
        "when you assume something."
    ),
)

budget = Assistant(
    name="budget",
    description="adds up what it costs",
    system_message=(
        "You add up costs for a group and for each person, and compare them with the "
        "limit. Show the sum."
    ),
)

writer = Assistant(
    name="writer",
    description="writes the plan of the day",
    system_message=(
        "You write the plan of a day from what the others found: time, place, what "
        "to bring. At most ten lines."
    ),
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
