import autogen
def is_done(msg):
    content = msg.get("content") or ""
    return "APPROVED" in content or content.strip() == ""
cfg = dict(config_list=[dict(model="gpt-4o-mini")], seed=42)
w = autogen.AssistantAgent("w", llm_config=cfg)
m = autogen.AssistantAgent("m", llm_config=cfg, is_termination_msg=is_done)
w.register_reply([autogen.Agent, None], reply_func=lambda recipient, messages, sender, config: (False, None), position=1)
m.register_hook("process_message_before_send", lambda sender, message, recipient, silent: message)
w.initiate_chat(m, message={"content": "Hello", "role": "user"}, max_turns=5, clear_history=True)
