"""code_execution_config in its two forms, and what happens where there is no Docker."""

from __future__ import annotations

import pytest

from studio.classic import ConversableAgent, UserProxyAgent
from studio.classic.coding import CodeBlock, CodeResult, DockerCommandLineCodeExecutor, LocalCommandLineCodeExecutor, MarkdownCodeExtractor
from studio.classic.coding.jupyter import EmbeddedIPythonCodeExecutor, JupyterCodeExecutor, LocalJupyterServer


@pytest.fixture
def no_docker(monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    monkeypatch.delenv("AUTOGEN_USE_DOCKER", raising=False)


def reply_of(agent, text):
    return agent.generate_reply(messages=[{"role": "user", "content": text}])


def test_an_agent_can_be_made_where_there_is_no_docker_and_says_so_when_code_is_to_run(no_docker):
    runner = UserProxyAgent("runner", human_input_mode="NEVER", max_consecutive_auto_reply=5)
    result = reply_of(runner, "```python\nprint(1)\n```")
    assert result.startswith("exitcode: 1 (execution failed)")
    assert "Docker" in result
    assert "use_docker" in result


def test_a_person_may_choose_this_machine_where_there_is_no_docker(no_docker, tmp_path):
    class Person(UserProxyAgent):
        def get_human_input(self, prompt):
            return "yes" if "Docker" in prompt else ""

    runner = Person("runner", code_execution_config={"work_dir": str(tmp_path)})
    assert reply_of(runner, "```python\nprint(6 * 7)\n```").split() == "exitcode: 0 (execution succeeded) Code output: 42".split()


def test_nobody_is_asked_where_docker_was_chosen(no_docker):
    class Person(UserProxyAgent):
        def get_human_input(self, prompt):
            assert "Docker" not in prompt
            return ""

    runner = Person("runner", code_execution_config={"use_docker": True})
    assert "was not run" in reply_of(runner, "```python\nprint(1)\n```")


def test_a_dangerous_line_is_a_result_and_no_exception(tmp_path):
    inside = tmp_path / "work"
    runner = UserProxyAgent("runner", human_input_mode="NEVER", code_execution_config={"work_dir": str(inside), "use_docker": False})
    assert reply_of(runner, "```sh\nrm -rf ./nothing_here && echo gone\n```").startswith("exitcode: 0")


def test_the_newest_message_with_code_since_the_last_own_one_counts(tmp_path):
    runner = UserProxyAgent("runner", human_input_mode="NEVER", code_execution_config={"work_dir": str(tmp_path), "use_docker": False})
    old = {"role": "user", "content": "```python\nprint('old')\n```"}
    new = {"role": "user", "content": "```python\nprint('new')\n```"}
    talk = {"role": "user", "content": "just words"}
    assert "new" in runner.generate_reply(messages=[old, new, talk])
    assert runner.generate_reply(messages=[new, {"role": "assistant", "content": "mine"}, talk]) == ""
    first = UserProxyAgent("first", human_input_mode="NEVER", code_execution_config={"last_n_messages": 1, "use_docker": False})
    assert first.generate_reply(messages=[new, talk]) == ""


def test_blocks_stop_at_the_first_that_fails_and_name_their_files(tmp_path):
    with LocalCommandLineCodeExecutor(timeout=20, work_dir=tmp_path) as executor:
        blocks = [
            CodeBlock("# filename: kept.py\nprint('one')", "python"),
            CodeBlock("exit 3", "sh"),
            CodeBlock("print('never')", "python"),
        ]
        result = executor.execute_code_blocks(blocks)
    assert (result.exit_code, "one" in result.output, "never" in result.output) == (3, True, False)
    assert result.code_file == "kept.py"
    assert (tmp_path / "kept.py").exists()


def test_code_that_takes_too_long_ends_with_124(tmp_path):
    with LocalCommandLineCodeExecutor(timeout=1, work_dir=tmp_path) as executor:
        assert executor.execute_code_blocks([CodeBlock("import time; time.sleep(60)", "python")]).exit_code == 124


def double(n):
    return n * 2


def test_functions_are_a_module_that_code_can_import(tmp_path):
    with LocalCommandLineCodeExecutor(timeout=20, work_dir=tmp_path, functions=[double]) as executor:
        result = executor.execute_code_blocks([CodeBlock("from functions import double\nprint(double(21))", "python")])
    assert result.output.strip() == "42"


def test_code_in_an_unknown_language_is_told_and_nothing_is_started(no_docker, tmp_path):
    runner = UserProxyAgent("runner", human_input_mode="NEVER", code_execution_config={"work_dir": str(tmp_path), "use_docker": False})
    assert reply_of(runner, "```ruby\nputs 1\n```") == "exitcode: 1 (execution failed)\nCode output: \nunknown language ruby"
    assert reply_of(runner, "```json\n{}\n```") == "", "that is no program"
    with LocalCommandLineCodeExecutor(timeout=20, work_dir=tmp_path) as executor:
        told = ConversableAgent("told", llm_config=False, human_input_mode="NEVER", code_execution_config={"executor": executor})
        assert reply_of(told, "```ruby\nputs 1\n```") == "exitcode: 1 (execution failed)\nCode output: unknown language ruby"
    in_docker = UserProxyAgent("in_docker", human_input_mode="NEVER", code_execution_config={"use_docker": True})
    assert "unknown language go" in reply_of(in_docker, "```go\nfunc f() {}\n```")


def test_an_executor_of_ones_own_is_asked():
    class Own:
        code_extractor = MarkdownCodeExtractor()

        def execute_code_blocks(self, code_blocks):
            return CodeResult(0, f"{len(code_blocks)} blocks")

    runner = ConversableAgent("runner", llm_config=False, human_input_mode="NEVER", code_execution_config={"executor": Own()})
    assert reply_of(runner, "```python\n1\n```\n```sh\nls\n```") == "exitcode: 0 (execution succeeded)\nCode output: 2 blocks"


def test_the_two_forms_do_not_mix():
    with pytest.raises(ValueError, match="use_docker"):
        ConversableAgent("a", llm_config=False, code_execution_config={"executor": "commandline-local", "use_docker": False})
    with pytest.raises(ValueError, match="no executor"):
        ConversableAgent("a", llm_config=False, code_execution_config={"executor": "somewhere"})


def test_executors_are_made_without_docker_or_a_kernel(no_docker, tmp_path):
    assert DockerCommandLineCodeExecutor(image="python:3-slim", work_dir=tmp_path).timeout == 60
    with LocalJupyterServer() as server:
        assert JupyterCodeExecutor(server, output_dir=tmp_path).executor.place == "local"


def test_a_kernel_remembers_what_was_defined(tmp_path):
    with EmbeddedIPythonCodeExecutor(timeout=60, output_dir=tmp_path) as executor:
        assert executor.execute_code_blocks([CodeBlock("x = 20", "python")]).exit_code == 0
        assert executor.execute_code_blocks([CodeBlock("print(x + 1)", "python")]).output.strip() == "21"


@pytest.mark.docker
def test_code_runs_in_docker_and_leaves_its_files(docker_engine, tmp_path, monkeypatch):
    monkeypatch.setenv("CONVENE_DOCKER_IMAGE", docker_engine)
    with DockerCommandLineCodeExecutor(work_dir=tmp_path, timeout=30) as executor:
        result = executor.execute_code_blocks([CodeBlock("open('made.txt', 'w').write('x')\nprint('there')", "python")])
        assert executor.where == "Docker"
    assert (result.exit_code, result.output.strip(), result.code_file) == (0, "there", "made.txt")
    assert (tmp_path / "made.txt").read_text() == "x"
