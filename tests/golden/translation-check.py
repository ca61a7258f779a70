"""Translation with back-check.

A translator puts a text into German, a second one translates it back without looking at
the original, and a checker compares the two.
"""

from studio.engine import (
    Assistant,
    MaxMessages,
    PracticeModel,
    Team,
    TextMention,
    console,
)

practice = PracticeModel(
    script={
        "translator": [
            (
                "Das Update wird eventuell auf allen Rechnern installiert. Bitte schalten "
                "Sie sie bis dahin nachts nicht aus."
            ),
            (
                "Das Update wird nach und nach auf allen Rechnern installiert. Bitte "
                "schalten Sie sie bis dahin nachts nicht aus."
            ),
        ],
        "back translator": [
            (
                "The update may possibly be installed on all computers. Until then, please "
                "do not switch them off at night."
            ),
            (
                "The update will be installed on all computers bit by bit. Until then, "
                "please do not switch them off at night."
            ),
        ],
        "checker": [
            """One difference in meaning, in the first sentence.

- The original promises: the update **will** be installed, only later. The back-translation says that it **may possibly** be installed.
- The cause is “eventuell”, a false friend: it means *perhaps*. “Eventually” is “schließlich”, or here, where the machines get it one after the other, “nach und nach”.

The second sentence agrees.""",
            (
                "Both sentences now say the same as the original: the update is certain, it "
                "takes its time, and the machines stay on at night until it is there. "
                "“Computers” for “machines” changes nothing in meaning. ACCEPTED"
            ),
        ],
    }
)

translator = Assistant(
    name="translator",
    description="English to German",
    system_message=(
        "You translate from English into natural German for business readers. Answer "
        "with the translation only. When the checker names mistakes, answer with the "
        "whole corrected translation."
    ),
)

back_translator = Assistant(
    name="back translator",
    description="German back to English",
    system_message=(
        "You translate the last German text back into English, as literally as good "
        "English allows. Use nothing but the German text, even if you have seen the "
        "original. Answer with the translation only."
    ),
)

checker = Assistant(
    name="checker",
    description="compares meaning with meaning",
    system_message=(
        "Compare the original with the back-translation, sentence by sentence. "
        "Differences in wording are fine, differences in meaning are not. Name each "
        "difference in meaning, the German word that caused it and a better one. If "
        "there is none, end with the word ACCEPTED."
    ),
)

team = Team(
    name="Translation desk",
    participants=[translator, back_translator, checker],
    stop=TextMention(text="ACCEPTED", sources=["checker"])
    | MaxMessages(max_messages=9),
    model=practice,
)

if __name__ == "__main__":
    console(team)
