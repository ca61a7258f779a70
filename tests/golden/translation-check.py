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

practice = PracticeModel(recording="translation-check")

translator = Assistant(
    name="translator",
    description="English to German",
    system_message="""You translate from English into natural German for business \
readers. Answer with the translation only. When the checker names mistakes, answer \
with the whole corrected translation.""",
)

back_translator = Assistant(
    name="back translator",
    description="German back to English",
    system_message="""You translate the last German text back into English, as \
literally as good English allows. Use nothing but the German text, even if you have \
seen the original. Answer with the translation only.""",
)

checker = Assistant(
    name="checker",
    description="compares meaning with meaning",
    system_message="""Compare the original with the back-translation, sentence by \
sentence. Differences in wording are fine, differences in meaning are not. Name each \
difference in meaning, the German word that caused it and a better one. If there is \
none, end with the word ACCEPTED.""",
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
