"""Errors of the embedded servers."""

# The status of sysexits.h for a configuration error. The site's own settings end with it, too.
EX_CONFIG = 78


class StartError(Exception):
    """Something did not start; the message is the line to show."""

    status = 1


class ConfigurationError(StartError):
    """Something that only a person can correct, so that another try is useless."""

    status = EX_CONFIG


class StepFailed(StartError):
    """A step ended with an exit status other than 0; `output` is what it printed."""

    def __init__(self, message: str, exit_status: int, output: str) -> None:
        super().__init__(message)
        self.exit_status = exit_status
        self.output = output
