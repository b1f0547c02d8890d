"""What all tests share: property tests are judged by what they find, never by how busy the machine is.

Where CI is set they try the same examples every time, so that a red build means a change; elsewhere others each time.
"""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "calm", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI"))
)
settings.load_profile("calm")
