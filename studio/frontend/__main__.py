"""`python -m studio.frontend` compiles the front end now, for a build machine or after a change to its packages."""

import sys

from studio.engine.errors import ConveneError
from studio.frontend.build import build

try:
    build(lambda line: print(line, flush=True))
except ConveneError as mistake:
    sys.exit(str(mistake))
