"""What a person is asked about: the subjects of questions that are not for an answer in words. In some of them what it is follows."""

LOCAL_CODE = "local_code"
"""Whether code may run on this machine."""

SPEAKER = "speaker"
"""Who speaks next."""

TOOL = "tool:"
"""Whether a tool is called, or what it made goes on; the call's id follows."""

CONSENT = "consent:"
"""Whether something may be started that reaches outside; the tool's key follows."""

SIGN_IN = "sign_in:"
"""Whether a person signed in at a server; the tool's key follows. The question's details are the address."""
