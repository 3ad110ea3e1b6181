"""A database and a Redis number for each process of a test run, chosen before Django reads its settings.

pytest loads this plugin first (`-p tests.parallel`). pytest-django names the databases; Redis has numbers only.
"""

import os
from urllib.parse import urlsplit

from embedded import servers
from embedded.instance import Instance, Profile

# The URL of the whole run's database, in the processes of the run.
RUN = ""
if "PYTEST_XDIST_WORKER" in os.environ:
    embedded_port = Instance(Profile.TEST).access("redis").port
    assert f":{embedded_port}/" in os.environ["REDIS_URL"], "With a Redis of your own, run the tests with ARGS='-n 0'."
    lent = servers.use_until_exit(Profile.TEST)
    RUN = f"{lent.database_url.rpartition('/')[0]}/{urlsplit(os.environ['DATABASE_URL']).path.strip('/')}"
    os.environ |= {"DATABASE_URL": lent.database_url, "REDIS_URL": lent.redis_url}
